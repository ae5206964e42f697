"""The words of SQL that change a statement, and the kind of token each is.

Kinds are single characters, so that a token stream is a string and a production a pattern:

====  ==========================================  ====  =================================
kind  token                                       kind  token
====  ==========================================  ====  =================================
``1`` number                                      ``U`` UNION, EXCEPT, INTERSECT, MINUS
``k`` NULL, TRUE, FALSE                           ``A`` ALL, DISTINCT, TOP
``s`` quoted string                               ``E`` SELECT
``v`` variable, ``@x``, ``@@version``, USER       ``F`` FROM
``n`` any other name                              ``W`` WHERE
``d`` a function no text ever names by chance     ``O`` ORDER, GROUP, PARTITION
``f`` a function of SQL                           ``B`` BY
``g`` any other name before ``(``                 ``H`` HAVING
``&`` AND OR XOR ``&&`` ``||``                    ``L`` LIMIT, OFFSET, FETCH
``!`` NOT ``!``                                   ``I`` INTO
``=`` comparison, LIKE, IN, IS, BETWEEN           ``P`` PROCEDURE
``+`` arithmetic, concatenation                   ``D`` a verb that changes or runs
``( ) , ;`` themselves                            ``T`` TABLE, DATABASE, USER ...
``c`` comment to the end of its line              ``C`` CASE ``e`` END
``x`` anything else                               ``J`` JOIN ``a`` AS ``r`` ASC, DESC
====  ==========================================  ====  =================================
"""

from __future__ import annotations

from epm.sanitize.wordlists import nested, word_set


def _kinds(table: dict[str, str]) -> dict[str, str]:
    return {word: kind for kind, words in table.items() for word in words.split()}


KEYWORDS = _kinds(
    {
        "k": "null true false unknown",
        "&": "and or xor",
        "!": "not",
        "=": "like rlike regexp in is between glob ilike similar",
        "+": "div mod collate",
        "U": "union except intersect minus",
        "A": "all distinct distinctrow top",
        "E": "select",
        "F": "from",
        "W": "where when",
        "O": "order group partition",
        "B": "by",
        "H": "having",
        "L": "limit offset fetch",
        "I": "into",
        "P": "procedure",
        "C": "case",
        "e": "end",
        "J": "join",
        "a": "as",
        "r": "asc desc",
        "D": "drop create alter truncate insert update delete replace exec execute call declare "
        "set waitfor shutdown begin grant revoke backup restore bulk load copy handler do pragma "
        "attach kill merge print rename reconfigure deny vacuum dbcc if while prepare",
        "T": "table database schema view index login function trigger role column "
        "tablespace users user proc assembly",
        "v": "current_user session_user system_user rownum sysdate rowid current_date "
        "current_time current_timestamp localtime localtimestamp utc_date utc_time utc_timestamp",
    }
)

#: Functions that delay, read files, reach out or fail on purpose: no prose holds a call of one.
DANGEROUS = word_set(
    "pg_sleep pg_sleep_for load_file extractvalue updatexml xmltype randomblob "
    "generate_series regexp_substring gtid_subset gtid_subtract name_const dblink_connect "
    "dblink_send_query pg_read_file pg_ls_dir lo_import lo_export query_to_xml "
    "database_to_xml openrowset opendatasource openquery load_extension sys_eval sys_exec "
    "xp_cmdshell xp_dirtree xp_regread xp_fileexist utl_http.request "
    "utl_inaddr.get_host_address utl_inaddr.get_host_name dbms_pipe.receive_message "
    "dbms_lock.sleep dbms_session.sleep dbms_ldap.init dbms_xmlgen.getxml "
    "dbms_xmlquery.newcontext dbms_utility.sqlid_to_sqlhash dbms_assert.simple_sql_name "
    "ctxsys.drithsx.sn ordsys.ord_dicom.getmappingxpath httpuritype is_srvrolemember "
    "has_dbaccess fn_xe_file_target_read_file analyse st_latfromgeohash st_longfromgeohash "
    "st_pointfromgeohash json_keys multipoint multilinestring multipolygon geometrycollection "
    "linestring loadfile csv_extract sqlite_version pg_client_encoding group_concat "
    "database_to_xmlschema fn_varbintohexstr master.dbo.fn_varbintohexstr master..xp_cmdshell"
)

#: Functions that injections use and programs too; they count where an operand is expected.
FUNCTIONS = word_set(
    "sleep benchmark char chr nchar ascii ord unicode substr substring substrb mid left right "
    "length len char_length character_length lengthb datalength concat concat_ws hex unhex bin "
    "conv md5 sha1 sha2 sha password version database schema db_name user user_name system_user "
    "current_user session_user suser_name suser_sname host_name servername count min max sum "
    "avg floor rand random exp pow power cast convert coalesce ifnull nullif isnull nvl nvl2 "
    "decode if iif elt field make_set find_in_set interval least greatest upper lower ucase "
    "lcase reverse replace repeat replicate space rpad lpad trim ltrim rtrim instr locate "
    "position strcmp quote to_char to_number to_date exists row_count last_insert_id "
    "connection_id current_database current_schema inet_server_addr pg_backend_pid typeof "
    "changes total_changes last_insert_rowid quotename stuff charindex patindex object_id "
    "object_name col_name db_id row_number rank string_agg array_agg listagg wm_concat xmlagg "
    "json_extract json_object json_array json_length translate bit_and bit_or bit_xor "
    "compress uncompress crc32 aes_encrypt aes_decrypt des_encrypt encode from_base64 "
    "to_base64 now sysdate curdate curtime date_add date_sub datediff unix_timestamp uuid abs "
    "sign round ceil ceiling sqrt pi log ln bitand rawtohex utl_raw.cast_to_varchar2 "
    "sys_context sys.database_name sys.stragg dump polygon point glob like likely unlikely "
    "zeroblob printf hextoraw tochar upper_utf8"
)

#: Functions that wait; text has a word like them before a bracket too, so they wait for a number.
DELAYS = ("sleep", "benchmark")

#: Keywords hidden from what cuts them out of a value.
NESTED = nested("union select or and from where insert delete order")

#: Where databases keep the names of their tables and users.
CATALOGUES = (
    "information_schema", "sysobjects", "syscolumns", "sysusers", "sysdatabases", "syslogins",
    "sysxlogins", "sys.objects", "sys.tables", "sys.columns", "sys.databases", "sys.schemas",
    "sys.user", "sys.all_", "sys.dba", "sys.dual", "pg_catalog", "pg_user", "pg_shadow",
    "pg_tables", "pg_database", "pg_class", "pg_stat_activity", "pg_authid", "sqlite_master",
    "sqlite_schema", "sqlite_temp_master", "all_tables", "all_users", "all_tab_columns",
    "user_tables", "user_tab_columns", "dba_users", "dba_tables", "v$version", "v$instance",
    "v$database", "mysql.user", "mysql.db", "msysobjects", "msysaccessobjects",
    "rdb$", "syscat.", "sysibm.", "systables", "master..", "master.dbo", "master.sys",
    "domain.domains",
    "global_name", "user_objects", "all_objects", "session_privs", "user_password",
    "msdb..", "tempdb..", "sysmaster",
)  # fmt: skip
