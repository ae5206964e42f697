"""The message catalogue: ids of the system, texts in this project's words.

The ids of the commands of the registration facility (CPF3CDx other than CPF3CD4) and those marked
below were not checked against IBM's message files (assumption: ids from memory).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from epm.errors import EpmError

_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        # Command analysis. CPD0017, CPD0042, CPD0072, CPD0078, CPD0085: ids from memory.
        "CPD0017": "Too many positional values given for command &1.",
        "CPD0020": "Character '&1' is not valid after '&2'.",
        "CPD0030": "Command &1 in library &2 not found.",
        "CPD0031": "A value for parameter &1 is required.",
        "CPD0042": "Keyword &1 is specified more than once.",
        "CPD0043": "Keyword &1 is not valid for this command.",
        "CPD0072": "Value '&1' for parameter &2 is too long.",
        "CPD0078": "Value '&1' for parameter &2 is not a valid name.",
        "CPD0084": "'&1' is not valid for parameter &2.",
        "CPD0085": "Value '&1' for parameter &2 is not a valid number.",
        "CPD0013": "A matching parenthesis was not found.",
        "CPD0014": "A matching apostrophe was not found.",
        "CPF0001": "Error found on &1 command.",
        "CPF0006": "Errors occurred in command.",
        # Libraries and library lists.
        "CPC2101": "Library list changed.",
        "CPC2102": "Library &1 created.",
        "CPC2110": "Library &1 deleted.",
        # CPC2161: id from memory.
        "CPC2161": "&1 objects deleted from library &2. &3 objects not deleted.",
        "CPF2103": "Library &1 already exists in library list.",
        "CPF2104": "Library &1 not removed from the library list.",
        "CPF2106": "Library list not available.",
        "CPF2110": "Library &1 not found.",
        "CPF2111": "Library &1 already exists.",
        "CPF2182": "Not authorized to library &1.",
        "CPF2184": "Library list not replaced: &1 is in it more than once.",
        "CPF2166": "Library name &1 not valid.",
        "CPF2167": "Library &1 not deleted: it is a library of the system.",
        # CPF2195: the id of a full library was not found (assumption: a placeholder).
        "CPF2195": "Library &1 is full: it holds its maximum of &2 objects.",
        # Objects.
        "CPC2191": "Object &1 in &2 type &3 deleted.",
        "CPC2192": "Object &1 renamed &2.",
        "CPC2193": "Object &1 in &2 moved to library &3.",
        "CPC2130": "&1 object(s) duplicated.",
        "CPC2201": "Object authority granted.",
        "CPC2202": "Object authority revoked.",
        "CPC9801": "Object &2 type &3 created in library &1.",
        "CPF2105": "Object &1 in &2 type &3 not found.",
        "CPF2112": "Object &1 in &2 type &3 already exists.",
        "CPF2189": "Not authorized to object &1 in &2 type &3.",
        "CPF2207": "Not authorized to use object &1 in library &2 type &3.",
        "CPF2208": "Object &1 in library &2 type &3 not found.",
        "CPF9801": "Object &1 in library &2 not found.",
        "CPF9802": "Not authorized to object &1 in &2.",
        "CPF9810": "Library &1 not found.",
        "CPF9811": "Program &1 in library &2 not found.",
        "CPF9812": "File &1 in library &2 not found.",
        "CPF9815": "Member &1 file &2 in library &3 not found.",
        "CPF9820": "Not authorized to use library &1.",
        "CPF9821": "Not authorized to program &1 in library &2.",
        "CPF9822": "Not authorized to file &1 in library &2.",
        "CPF9870": "Object &1 type &2 already exists in library &3.",
        "CPF9898": "&1",
        # Storage.
        "CPF2222": "Storage limit of user profile &1 would be exceeded.",
        "CPF0907": "Storage is not available: auxiliary storage pool &1 is full.",
        # Users and authority.
        "CPF2204": "User profile &1 not found.",
        # CPC2204, CPC2205 and CPC2206: ids from memory.
        "CPC2204": "User profile &1 created.",
        "CPC2205": "User profile &1 changed.",
        "CPC2206": "Ownership of object &1 in &2 type &3 changed.",
        "CPF2214": "User profile &1 already exists.",
        "CPF2215": "User profile &1 owns objects and was not deleted.",
        "CPF2217": "Not authorized to user profile &1.",
        "CPF222E": "&1 special authority is required.",
        "CPF22E2": "Password not correct for user profile &1.",
        "CPF22E3": "User profile &1 is disabled.",
        "CPF22E4": "Password for user profile &1 has expired.",
        "CPF22E5": "No password is associated with user profile &1.",
        "CPFA09C": "Not authorized to object. Object is &1.",
        "CPFA0A9": "Object not found. Object is &1.",
        "CPFA0C1": "Directory is not empty. Object is &1.",
        "CPFA0A0": "Object exists already. Object is &1.",
        # Data areas.
        "CPC0904": "Data area &1 created in library &2.",
        "CPF1015": "Data area &1 in &2 not found.",
        "CPF1018": "Not authorized to change data area &1 in &2.",
        "CPF1019": "VALUE is not correct for data area &1 in &2.",
        "CPF1020": "VALUE is too long for data area &1 in &2.",
        "CPF1023": "Data area &1 exists in &2.",
        "CPF1089": "Substring of data area &1 in &2 is not valid.",
        # Data queues.
        "CPF9502": "Data queue function failed with reason &1.",
        "CPF950A": "Storage limit exceeded for data queue &1 in &2.",
        "CPF9505": "Data queue &1 key length &2 is not valid.",
        "CPF950B": "Data length &1 is not valid for data queue &2 in &3.",
        # Messages.
        "CPF2403": "Message queue &1 in &2 not found.",
        "CPF2415": "End of requests.",
        # Files and source.
        "CPC7301": "File &1 created in library &2.",
        "CPC7305": "Member &1 added to file &2 in &3.",
        "CPF3203": "Cannot allocate the file that command &1 names: it is in use.",
        # CPF5812 and CPF7306: ids from memory.
        "CPF5812": "Member &1 already exists in file &2 in library &3.",
        "CPF7306": "Member &1 not added to file &2 in &3.",
        "CPF5813": "File &1 in library &2 already exists.",
        "CPF7302": "File &1 not created in library &2.",
        "CPCA082": "Object &1 copied to file &2 in &3 member &4.",
        # Compilers and binder. CZM and CZS ids from memory.
        "CZS0607": "Module &1 was created in library &2.",
        "CZM0613": "Compilation failed. Module &1 was not created in library &2.",
        "CZM0000": "&1",
        "CPC5D07": "Program &1 created in library &2.",
        "CPC5D0B": "Service program &1 created in library &2.",
        "CPF5D12": "Error found while program or service program &1 was created in &2.",
        "CPC2198": "Program &1 in &2 changed.",
        # Journals. CPF7003, CPF7010 and CPF7022: ids from memory.
        "CPC7001": "Journal receiver &1 created in library &2.",
        "CPC7002": "Journal &1 created in library &2.",
        "CPC7051": "&1 journal entries converted.",
        "CPC7011": "Journal &1 changed.",
        "CPF7003": "Entry not journaled to journal &1. Reason code &2.",
        "CPF7010": "Object &1 in &2 is already a journal or journal receiver.",
        "CPF7022": "Journal receiver &1 in &2 is attached to journal &3.",
        "CPF7053": "Values for RCVRNG are not correct: &1.",
        "CPF7054": "FROM and TO values not valid.",
        # CPF7060: id from memory.
        "CPF7060": "Entries of journal &1 are longer than the records of the output file.",
        "CPF7062": "No entries converted or received from journal &1.",
        # Registration facility. Ids but CPF3CD4 not checked against IBM (assumption).
        "CPC3CD1": "Exit program &1 added to exit point &2.",
        "CPC3CD2": "Exit program removed from exit point &1.",
        "CPF3CD1": "Exit point &1 with format &2 not found.",
        "CPF3CD2": "Exit program number &1 at exit point &2 is in use.",
        "CPF3CD3": "Exit program number &1 not found at exit point &2.",
        "CPF3CD4": "Exit point &1 has its maximum of &2 exit programs.",
        "CPF3CD9": "Parameter of the exit program not valid: &1.",
        # System values and jobs.
        "CPF1028": "&1 is not valid for parameter SYSVAL.",
        "CPF1074": "New value '&2' for system value &1 is not valid.",
        "CPF1078": "System value &1 cannot be changed.",
        "CPF1806": "System value &1 changed.",
        # CPF1338: id from memory.
        "CPF1338": "Errors occurred on SBMJOB command.",
        "CPF1321": "Job &1 user &2 job number &3 not found.",
        "CPF1317": "No response from subsystem for job &1.",
        "CPC1221": "Job &1 submitted to job queue &2 in library &3.",
        "CPF1344": "Not authorized to control job &1.",
        "CPF1113": "JOBD &1 not found in &2.",
        "CPC2601": "Security auditing values changed.",
        # Called programs.
        "CPF3C17": "Error occurred with input data parameter.",
        "CPF3C21": "Format name &1 is not valid.",
        "CPF3C24": "Length of the receiver variable is not valid.",
        "CPF3CF1": "Error code parameter not valid.",
        "CPF3C14": "Starting position &1 and length &2 do not fit user space &3 in &4.",
        "CPF3CAA": "List is too large for user space &1 in &2.",
        "CPF3C55": "Job &1/&2/&3 does not exist.",
        "CPF0CB1": "Parameter list is not valid.",
        # CPF0C4A, CPF1860, CPF6602 and TCP84C6: ids from memory.
        "CPF0C4A": "Product record not found: &1 option &2 release &3.",
        "CPF1860": "Number of system values &1 is not valid.",
        "CPF6602": "PTF &1 not found.",
        "TCP84C6": "Internet address &1.&2.&3.&4 is not an interface of this system.",
        "MCH0603": "Subscript or string position is out of range: &1.",
        "MCH0802": "Total parameters passed do not match number required.",
        "MCH1202": "Decimal data error.",
        "MCH1210": "Receiver value too small to hold result.",
        "MCH3601": "Pointer not set for location referenced.",
        "CPF9999": "Function check. &1 unmonitored by &2.",
        "CPC1100": "Job attributes changed.",
    }
)


def text_of(message_id: str, *values: object) -> str:
    """Return the first-level text of a message with its values put in for &1, &2 and so on."""
    text = _TEXTS.get(message_id, "&1")
    for number in range(9, 0, -1):
        value = str(values[number - 1]) if number <= len(values) else ""
        text = text.replace(f"&{number}", value)
    return text


class EscapeError(EpmError):
    """An escape message: what a command or an API ends with when it fails.

    Attributes:
        id: such as ``CPF2103``.
    """

    def __init__(self, message_id: str, *values: object) -> None:
        """Take the id and the values of &1, &2 and so on."""
        super().__init__(text_of(message_id, *values))
        self.id = message_id
