-- A migration that breaks the protocol, for VerifyTests. A worker that lives for ever shows nothing of it.

CREATE FUNCTION weir.break_takeover() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.next_offset := NEW.next_offset + 3;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION weir.break_takeover IS 'A new owner begins three records too late.';
CREATE TRIGGER break_takeover BEFORE UPDATE ON weir.partition FOR EACH ROW
    WHEN (NEW.epoch <> OLD.epoch) EXECUTE FUNCTION weir.break_takeover();

CREATE FUNCTION weir.break_memory() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;
COMMENT ON FUNCTION weir.break_memory IS 'Keys are kept by the worker that saw them, and by nobody else.';
CREATE TRIGGER break_memory BEFORE INSERT ON weir.seen FOR EACH ROW EXECUTE FUNCTION weir.break_memory();
