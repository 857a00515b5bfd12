-- AlterEnum
ALTER TYPE "ProviderName" ADD VALUE 'OPENAI';
