-- The W3C traceparent of the operation that asked for the run, so that its trace goes on on whatever node performs it.
ALTER TABLE "run" ADD COLUMN "trace_parent" TEXT;
