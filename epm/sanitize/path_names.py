r"""What only a server's own files are called: folders with what lies in them, and file names.

Everything is in lower case; a name is a prefix of what may stand there, ``.`` and ``$`` are
themselves, and either slash divides.
"""

from __future__ import annotations

import re

_SLASH = r"[/\\]+"

#: Folders from the root, and what in them no client has business with.
_UNIX = {
    "etc": "passwd shadow group hosts issue motd fstab crontab sudoers mtab inetd profile ssh "
    "apache httpd nginx mysql my.cnf php proftpd vsftpd release resolv network security samba ftp "
    "pam master.passwd gshadow hostname host.conf environment cron init.d rc. redhat debian lsb- "
    "os-release ld.so syslog logrotate aliases exports services knockd lighttpd tomcat webmin "
    "chkrootkit updatedb bash csh shells pure-ftp muddleftpd lilo wu-ftpd default postfix mail "
    "squid kubernetes docker openldap ldap snmp x11 xinetd modules printcap alias sysconfig "
    "sysctl hostid vhosts phpmyadmin exim courier dovecot freeradius fuse at. cups",
    "proc": "self version cmdline mounts cpuinfo net stat sched 0 1 2 3 4 5 6 7 8 9",
    "var": "log spool mail adm run lib/mysql lib/php lib/tomcat lib/postgresql lib/mlocate "
    "lib/dpkg local/www apache cpanel webmin mysql data/mysql www/log www/conf www/mgr htdocs/log",
    "usr": "apache etc lib/php lib/security lib/cron lib/rpm httpd php nginx mysql cpanel pureftpd "
    "share/adduser share/logs share/squirrelmail share/tomcat zeus samba www/logs www/conf "
    "pkgsrc ports sbin/pure sbin/mudlogd home internet spool netscape adm home2 ssl var pgsql "
    "tomcat jakarta psa",
    "usr/local": "apache etc lib/php httpd php nginx mysql cpanel pureftpd zeus samba www/logs "
    "www/conf pgsql tomcat jakarta psa",
    "opt": "apache lampp xampp httpd nginx tomcat sun cpanel mysql zeus",
    "private": "etc var", "root": ".", "library": "webserver", "volumes": "macintosh webbackup",
    "dev": "fd tcp shm stdin mem kmem", "boot": "grub", "sys": "class kernel", "run": "secrets",
}  # fmt: skip
_WINDOWS = (
    "win.ini system repair php debug temp my. explorer notepad panther iis odbc tracing "
    "windowsupdate security logs config"
)
_PROGRAMS = "apache mysql xampp php filezilla vidalia wamp nginx"
_DRIVE = (
    "boot.ini inetpub xampp wamp apache php/ php\\ php4 php5 mysql autoexec config.sys sysprep "
    "unattend appserv nginx home oracle pagefile bootmgr ntldr ntuser"
)
#: Files of settings that are called by the name of the program that serves.
_CONFIGURED = (
    r"(?:httpd(?:[-_]\w{1,12})?|apache\d{0,2}|lighttpd|nginx|php\d?|my|postgresql|proftpd|vsftpd|"
    r"pure-?ftpd|smb|named|squid|miniserv|modsec|vhosts|tomcat-users)\."
    r"(?:conf|cnf|ini|xml|pdb|passwd)"
)
#: What a user's or a site's folder keeps out of sight.
_HIDDEN = (
    r"\.(?:ht(?:access|passwd)|env(?:\.(?!(?:example|sample|template|dist)\b)\w+)?|pass(?:wd|wrd)?|"
    r"\w{1,20}_history|bash_(?:profile|login|logout|aliases|config)|"
    r"(?:bash|csh|tcsh|ksh|zsh|xinit|gtk|vim|screen|net)rc|profile|log(?:in|out)|forward|viminfo|"
    r"x(?:authority|defaults|resources|session)|wm_style|ssh|git|svn|ds_store)"
)
_SERVERS = r"(?:apache2?|xampp|php|logs?|mysql)"
_IN_SERVERS = (
    r"(?:conf|logs?|php[/\\]*php\.ini|bin[/\\]+(?:php\.ini|my)|access|error|data[/\\]+mysql)"
)


def _any(names: str) -> str:
    """Return an alternation of names; a slash in one is any slash."""
    return "|".join(re.escape(name).replace("/", _SLASH) for name in names.split())


def _under(folder: str, names: str) -> str:
    spelled = re.escape(folder).replace("/", _SLASH).replace(r"\ ", " ")
    return f"{spelled}{_SLASH}(?:{_any(names)})"


_PLACES = "|".join(
    (
        *(_under(folder, names) for folder, names in _UNIX.items()),
        rf"(?:[a-z]:)?[/\\]{{0,4}}(?:{_under('windows', _WINDOWS)}|winnt{_SLASH})",
        rf"[a-z]:[/\\]{{0,4}}(?:{_any(_DRIVE)})",
        rf"[a-z]:[/\\]{{0,4}}program files(?: \(x86\))?{_SLASH}(?:{_any(_PROGRAMS)})",
        rf"var{_SLASH}(?:www|htdocs){_SLASH}html{_SLASH}.{{0,200}}(?:config|\.ht[ap])",
        rf"home{_SLASH}[^/\\]{{1,40}}{_SLASH}\.(?:ssh|bash|gnupg|aws|netrc|my)",
        rf"{_SERVERS}{_SLASH}{_IN_SERVERS}(?:[/\\._-]|$)",
        rf"cgi-bin{_SLASH}.{{0,200}}\.\.",
        r"\.(?:ssh|svn|hg|aws|docker|kube)[/\\]|\.git[/\\](?:config|head|index|logs)",
        r"(?:system32|inetpub|web-inf|meta-inf)[/\\]|wp-config\.php",
    )
)
#: A folder of a server's own with what lies in it, at the start of a path or of a part of it.
SENSITIVE = re.compile(rf"(?:^|[/\\=:\s\"'(\x00])(?:{_PLACES})")

#: A server's own file by its name alone, whatever the folder.
_OWN_FILE = re.compile(
    rf"(?:boot\.ini|win\.ini|system\.ini|{_CONFIGURED}|{_HIDDEN}|web\.config|"
    r"global\.asa|ntuser\.dat|sysprep\.(?:inf|xml)|pg_(?:hba|ident)\.conf|id_[rd]sa|"
    r"authorized_keys|wp-config\.php(?:\.\w+)?|config\.inc\.php|web\.xml|access[._]log|"
    r"error[._]log|sam|master\.mdf|localsettings\.php|settings\.php|"
    r"(?:database|secrets|parameters|credentials)\.ya?ml|application\.properties)"
    r"(?:\.\w{2,4})?"
)
#: What opens a file ends its name here; what only looks at its end does not.
_ENDS_NAME = re.compile(r"[\x00?#]")
#: The same without any folder: the few that are nothing else.
OWN_NAME = re.compile(
    r"\.htaccess|\.htpasswd|boot\.ini|win\.ini|web-inf.*|meta-inf.*|\.git/.*|\.env|\.bash_history"
)
#: What an honest relative path ends in, however far up it goes.
ASSET = re.compile(
    r".*\.(?:png|jpe?g|gif|svg|webp|ico|css|s[ac]ss|less|m?jsx?|tsx?|map|woff2?|ttf|eot|mp[34]|"
    r"wav|md|rst|pdf|docx?|xlsx?|pptx?|csv|html?|vue|h|hpp|c|cc|cpp|py|rb|go|rs|java|kt|swift|"
    r"json|ya?ml|toml|txt|xml|tsv|zip|gz|tex|bib|ipynb|proto|sql|lock|gradle|o|so|dll|a|lib)"
)
#: What a climb, even of one step, is not honest to end in.
TARGET = re.compile(
    r"(?:etc|windows|winnt|proc|boot|var|root|usr|dev|inetpub|passwd|shadow|web-inf|config|conf|"
    r"admin|logs?|system32|tmp|opt|home|bin|sbin|secrets?|private|credentials|backup|\.\w+)"
    r"(?:[/\\].*|\..*)?",
    re.DOTALL,
)


def is_own_file(path: str) -> bool:
    """Whether a path, in lower case, ends in what only a server's own files are called."""
    cut = _ENDS_NAME.search(path)
    return _names_own(path) or (cut is not None and _names_own(path[: cut.start()]))


def _names_own(path: str) -> bool:
    name = path[max(path.rfind("/"), path.rfind("\\")) + 1 :]
    return _OWN_FILE.fullmatch(name.rstrip()) is not None
