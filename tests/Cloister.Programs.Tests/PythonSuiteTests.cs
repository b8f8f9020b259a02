using System.IO;

namespace Cloister.Programs.Tests;

/// <summary>Modules of Python's own test suite (package libpython3.11-testsuite) that don't fork.</summary>
public sealed class PythonSuiteTests
{
    private const string Python = "/usr/bin/python3.11";

    [Theory]
    [InlineData("test_abc")]
    [InlineData("test_array")]
    [InlineData("test_base64")]
    [InlineData("test_binascii")]
    [InlineData("test_bisect")]
    [InlineData("test_bool")]
    [InlineData("test_bytes")]
    [InlineData("test_calendar")]
    [InlineData("test_cmath")]
    [InlineData("test_codecs")]
    [InlineData("test_collections")]
    [InlineData("test_complex")]
    [InlineData("test_configparser")]
    [InlineData("test_contextlib")]
    [InlineData("test_csv")]
    [InlineData("test_ctypes")]
    [InlineData("test_dataclasses")]
    [InlineData("test_deque")]
    [InlineData("test_dict")]
    [InlineData("test_enum")]
    [InlineData("test_file")]
    [InlineData("test_fileio")]
    [InlineData("test_float")]
    [InlineData("test_functools")]
    [InlineData("test_gc")]
    [InlineData("test_generators")]
    [InlineData("test_glob")]
    [InlineData("test_grp")]
    [InlineData("test_gzip")]
    [InlineData("test_hashlib")]
    [InlineData("test_heapq")]
    [InlineData("test_hmac")]
    [InlineData("test_json")]
    [InlineData("test_linecache")]
    [InlineData("test_list")]
    [InlineData("test_marshal")]
    [InlineData("test_ntpath")]
    [InlineData("test_pathlib")]
    [InlineData("test_posixpath")]
    [InlineData("test_select")]
    [InlineData("test_set")]
    [InlineData("test_shutil")]
    [InlineData("test_sort")]
    [InlineData("test_stat")]
    [InlineData("test_string")]
    [InlineData("test_strftime")]
    [InlineData("test_struct")]
    [InlineData("test_textwrap")]
    public void Passes(string module)
    {
        Assert.SkipUnless(File.Exists("/usr/lib/python3.11/test/test_abc.py"), "libpython3.11-testsuite is not installed.");
        ProgramResult result = CloisterCommand.Do(Python, "-m", "test", "-q", module);
        Assert.True(result.Status == 0, $"status {result.Status}\n{result.Output}{result.Error}");
    }
}
