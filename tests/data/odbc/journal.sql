-- The audit journal's services, on PostgreSQL: the same names, parameters, columns and types.
-- Two words differ: a function is called without TABLE( ), and HEX is ours.
CREATE SCHEMA systools;
CREATE SCHEMA "EPMLIB";

CREATE FUNCTION public.hex(bytea) RETURNS text LANGUAGE sql IMMUTABLE AS
  'SELECT upper(encode($1, ''hex''))';

CREATE TABLE qsys2.receivers (
  at serial PRIMARY KEY,
  library varchar(10) NOT NULL, name varchar(10) NOT NULL, attached timestamp(6) NOT NULL,
  first_number numeric(20) NOT NULL, last_number numeric(20) NOT NULL,
  UNIQUE (library, name));

CREATE TABLE qsys2.entries (
  receiver_library varchar(10) NOT NULL, receiver_name varchar(10) NOT NULL,
  sequence_number numeric(21) NOT NULL, entry_timestamp timestamp(6) NOT NULL,
  journal_code char(1) NOT NULL, journal_entry_type char(2) NOT NULL,
  job_name varchar(10), job_user varchar(10), job_number varchar(6),
  program_name varchar(10), program_library varchar(10), current_user_name varchar(10),
  remote_address varchar(46), entry_data bytea,
  PRIMARY KEY (receiver_library, receiver_name, sequence_number),
  FOREIGN KEY (receiver_library, receiver_name) REFERENCES qsys2.receivers (library, name)
    ON DELETE CASCADE);

CREATE VIEW qsys2.journal_receiver_info AS
  SELECT library AS journal_receiver_library, name AS journal_receiver_name,
         'QSYS'::varchar(10) AS journal_library, 'QAUDJRN'::varchar(10) AS journal_name,
         first_number AS first_sequence_number, last_number AS last_sequence_number,
         attached AS attach_timestamp
  FROM qsys2.receivers;

CREATE FUNCTION qsys2.chosen(home text, named text, begin_at numeric) RETURNS SETOF qsys2.entries
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM qsys2.receivers r WHERE library = home AND r.name = named;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'SQL0443 - CPF9801 Object % in library % not found.', named, home
      USING ERRCODE = '38501';
  END IF;
  PERFORM 1 FROM qsys2.receivers r WHERE library = home AND r.name = named
    AND begin_at NOT BETWEEN r.first_number AND r.last_number;
  IF FOUND THEN
    RAISE EXCEPTION 'SQL0443 - CPF7055 Entry % not found in receiver %.', begin_at, named
      USING ERRCODE = '38501';
  END IF;
  RETURN QUERY SELECT * FROM qsys2.entries e
    WHERE e.receiver_library = home AND e.receiver_name = named;
END $$;

-- The bound is included here; SYSTEM_NAME is a column that not every release has.
CREATE FUNCTION qsys2.display_journal(
  journal_library text, journal_name text,
  starting_receiver_library text, starting_receiver_name text,
  ending_receiver_library text, ending_receiver_name text,
  starting_sequence numeric DEFAULT NULL,
  journal_codes text DEFAULT '*ALL', journal_entry_types text DEFAULT '*ALL')
RETURNS TABLE (
  entry_timestamp timestamp(6), sequence_number numeric(21), journal_code char(1),
  journal_entry_type char(2), entry_data bytea, user_name varchar(10), "CURRENT_USER" varchar(10),
  job_name varchar(10), job_user varchar(10), job_number varchar(6), program_name varchar(10),
  program_library varchar(10), receiver_name varchar(10), receiver_library varchar(10),
  remote_address varchar(46))
LANGUAGE sql AS $$
  SELECT e.entry_timestamp, e.sequence_number, e.journal_code, e.journal_entry_type, e.entry_data,
         e.current_user_name, e.current_user_name, e.job_name, e.job_user, e.job_number,
         e.program_name, e.program_library, e.receiver_name, e.receiver_library, e.remote_address
  FROM qsys2.chosen(starting_receiver_library, starting_receiver_name, starting_sequence) e
  WHERE (starting_sequence IS NULL OR e.sequence_number >= starting_sequence)
    AND journal_code = journal_codes AND journal_entry_type = journal_entry_types
  ORDER BY e.sequence_number
$$;

-- The bound is included here and excluded in the simulator: the documents do not say. Without a
-- start nothing is given: the real one begins yesterday. The SK columns' names are assumption A24.
CREATE FUNCTION systools.audit_journal_sk(
  starting_receiver_library text, starting_receiver_name text,
  ending_receiver_library text, ending_receiver_name text,
  ending_sequence numeric, starting_sequence numeric DEFAULT NULL,
  starting_timestamp timestamp DEFAULT 'infinity')
RETURNS TABLE (
  entry_timestamp timestamp(6), sequence_number numeric(21), qualified_job_name varchar(28),
  user_name varchar(10), program_name varchar(10), program_library varchar(10),
  receiver_name varchar(10), receiver_library varchar(10), entry_type char(1),
  entry_type_detail varchar(200), local_address varchar(46), local_port integer,
  remote_address varchar(46), remote_port integer, address_family varchar(10))
LANGUAGE sql AS $$
  SELECT e.entry_timestamp, e.sequence_number, e.job_number || '/' || e.job_user || '/' || e.job_name,
         e.current_user_name, e.program_name, e.program_library, e.receiver_name,
         e.receiver_library, 'A'::char(1), 'Accept'::varchar(200), '192.168.1.10'::varchar(46), 22,
         '10.1.2.3'::varchar(46), 50000, '*IPV4'::varchar(10)
  FROM qsys2.chosen(starting_receiver_library, starting_receiver_name, starting_sequence) e
  WHERE CASE WHEN starting_sequence IS NULL THEN e.entry_timestamp >= starting_timestamp
             ELSE e.sequence_number >= starting_sequence END
    AND e.sequence_number <= ending_sequence AND e.journal_entry_type = 'SK'
  ORDER BY e.sequence_number
$$;

CREATE VIEW qsys2.syscolumns AS
  SELECT table_schema::text, table_name::text, column_name::text, ordinal_position::int,
         CASE data_type WHEN 'bytea' THEN 'BLOB' WHEN 'character' THEN 'CHAR'
                        ELSE upper(data_type) END AS data_type,
         CASE data_type WHEN 'bytea' THEN 65535 ELSE 37 END AS ccsid
  FROM information_schema.columns;

-- DSPJRN OUTFILFMT(*TYPE5): header fields, and the data in a column of fixed length.
CREATE TABLE "EPMLIB"."SKOUT" (
  "JOENTL" numeric(5), "JOSEQN" char(20), "JOCODE" char(1), "JOENTT" char(2), "JOTSTP" char(26),
  "JOJOB" char(10), "JOUSER" char(10), "JONBR" numeric(6), "JOPGM" char(10), "JOPGMLIB" char(10),
  "JOUSPF" char(10), "JOSYNM" char(8), "JORCV" char(10), "JORCVLIB" char(10), "JORADR" char(46),
  "JOESD" bytea);
-- Whole records without fields.
CREATE TABLE "EPMLIB"."SKREC" ("RECORD" bytea);
-- CPYAUDJRNE ENTTYP(SK): fields under names like those of the other QASYxxJ5 (assumption A24).
CREATE TABLE "EPMLIB"."QAUDITSK" (
  "SKENTL" numeric(5), "SKSEQN" char(20), "SKCODE" char(1), "SKENTT" char(2), "SKTSTP" char(26),
  "SKJOB" char(10), "SKUSER" char(10), "SKNBR" numeric(6), "SKPGM" char(10), "SKUSPF" char(10),
  "SKSYNM" char(8), "SKRCV" char(10), "SKRCVLIB" char(10), "SKTYPE" char(1), "SKLADDR" char(46),
  "SKLPORT" char(5), "SKRADDR" char(46), "SKRPORT" char(5));
CREATE TABLE "EPMLIB"."OTHER" ("A" integer, "B" char(5));
