-- What the dialect and the store ask of the system itself, on PostgreSQL.
CREATE SCHEMA "QSYS2";
CREATE SCHEMA qsys2;
CREATE SCHEMA sysibm;
CREATE VIEW sysibm.sysdummy1 AS SELECT 'Y'::char(1) AS ibmreqd;
CREATE VIEW "QSYS2"."SYSTABLES" AS
  SELECT upper(table_schema) AS "TABLE_SCHEMA", upper(table_name) AS "TABLE_NAME",
         'T' AS "TABLE_TYPE", 'N' AS "SYSTEM_TABLE", '' AS "LONG_COMMENT"
  FROM information_schema.tables;
CREATE TABLE qsys2.commands (at bigserial PRIMARY KEY, command text NOT NULL);
CREATE PROCEDURE qsys2.qcmdexc(command text) LANGUAGE sql AS
  'INSERT INTO qsys2.commands (command) VALUES (command)';
