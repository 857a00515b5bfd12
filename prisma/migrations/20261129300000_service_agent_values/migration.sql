-- Apart from what uses them: PostgreSQL refuses a new value in the transaction that adds it.

-- AlterEnum
ALTER TYPE "ProviderName" ADD VALUE 'EXTERNAL';

-- AlterEnum
ALTER TYPE "UserRole" ADD VALUE 'AGENT';
