using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using Cloister.Host.Native;

namespace Cloister.Host.Enclaves;

/// <summary>
/// The user's enclaves in the background: a folder for each, with its record, its log and the socket of its launcher, below
/// $CLOISTER_STATE, or $XDG_STATE_HOME/cloister, or ~/.local/state/cloister. Nobody else may look in.
/// </summary>
/// <remarks>Not below $XDG_RUNTIME_DIR: logs don't belong into memory, and a session that hasn't the variable would see other enclaves.</remarks>
public sealed class EnclaveStore
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string RecordFile = "enclave.json";

    private EnclaveStore(string folder) => Folder = folder;

    /// <summary>Where they are.</summary>
    public string Folder { get; }

    /// <summary>Opens the store of the user who runs this process.</summary>
    public static EnclaveStore Open()
    {
        string folder = Path.Combine(FindState(), "enclaves");
        try
        {
            Directory.CreateDirectory(folder, Private);
            File.SetUnixFileMode(folder, Private);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"The folder for enclaves in the background, '{folder}', can't be used ({e.Message.TrimEnd('.')}): set CLOISTER_STATE to another.", e);
        }

        return new EnclaveStore(folder);
    }

    /// <summary>All enclaves, the newest first.</summary>
    public List<EnclaveRecord> List()
    {
        var all = new List<EnclaveRecord>();
        foreach (string folder in Directory.EnumerateDirectories(Folder))
        {
            if (Read(folder) is { } record)
                all.Add(record);
        }

        all.Sort((a, b) => b.Created.CompareTo(a.Created));
        return all;
    }

    /// <summary>The enclave with a name, an id, or the only one whose id begins so.</summary>
    /// <exception cref="HostException">There is none, or there are several.</exception>
    public EnclaveRecord Find(string text)
    {
        EnclaveRecord? found = null;
        int count = 0;
        foreach (EnclaveRecord record in List())
        {
            if (record.Name == text || record.Id == text)
                return record;
            if (text.Length > 0 && record.Id.StartsWith(text, StringComparison.Ordinal))
            {
                found = record;
                count++;
            }
        }

        return count switch
        {
            1 => found!,
            0 => throw new HostException($"There is no enclave '{text}'; 'cloister ps -a' lists them."),
            _ => throw new HostException($"The ids of {count} enclaves begin with '{text}': write more of it, or a name."),
        };
    }

    /// <summary>Makes the folder and the first record of an enclave.</summary>
    /// <param name="name">Its name; null for one that is made up.</param>
    /// <param name="create">Makes the record of id and name.</param>
    public EnclaveRecord Create(string? name, Func<string, string, EnclaveRecord> create)
    {
        // Two that start at once must not take the same name.
        using FileStream _ = Lock();
        List<EnclaveRecord> all = List();
        if (name is not null)
        {
            CheckName(name);
            if (all.Find(other => other.Name == name || other.Id == name) is { } other)
                throw new HostException($"The name '{name}' is taken by enclave {other.Id}: 'cloister rm {name}' removes it once it has ended.");
        }
        else
        {
            do
                name = EnclaveNames.MakeUp(avoid: all.Count);
            while (all.Exists(other => other.Name == name));
        }

        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        EnclaveRecord record = create(id, name);
        Directory.CreateDirectory(FolderOf(record), Private);
        Write(record);
        return record;
    }

    /// <summary>Replaces the record of an enclave: readers see the old one or the new one.</summary>
    public void Write(EnclaveRecord record)
    {
        string path = Path.Combine(FolderOf(record), RecordFile);
        File.WriteAllBytes(path + ".new", record.ToJson());
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>The record as it is now; null where it has been removed.</summary>
    public EnclaveRecord? Reload(EnclaveRecord record) => Read(FolderOf(record));

    /// <summary>Forgets an enclave that doesn't run.</summary>
    public void Remove(EnclaveRecord record)
    {
        using FileStream _ = Lock();
        if (Directory.Exists(FolderOf(record)))
            Directory.Delete(FolderOf(record), recursive: true);
    }

    /// <summary>Folder of an enclave.</summary>
    public string FolderOf(EnclaveRecord record) => Path.Combine(Folder, record.Id);

    private static EnclaveRecord? Read(string folder)
    {
        byte[] json;
        try
        {
            json = File.ReadAllBytes(Path.Combine(folder, RecordFile));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // just being made, or removed
        }

        EnclaveRecord? record = EnclaveRecord.Parse(json);
        if (record is null || record.Id != Path.GetFileName(folder))
            return null;
        bool shouldRun = record.Status is EnclaveStatus.Created or EnclaveStatus.Running;
        return shouldRun && !record.Launcher.IsAlive ? record with { Status = EnclaveStatus.Dead, ExitCode = 137 } : record;
    }

    private FileStream Lock()
    {
        // FileShare.None is flock(2), which doesn't wait: others hold it for milliseconds.
        for (int i = 0; ; i++)
        {
            try
            {
                return new FileStream(Path.Combine(Folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (i >= 500)
            {
                throw new HostException($"'{Folder}' is locked by another command, which doesn't come to an end.", e);
            }
            catch (IOException)
            {
                System.Threading.Thread.Sleep(10);
            }
        }
    }

    private static void CheckName(string name)
    {
        bool isValid = name.Length is > 0 and <= 128 && char.IsAsciiLetterOrDigit(name[0]);
        foreach (char letter in name)
            isValid &= char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.' or '-';
        if (!isValid)
            throw new HostException($"'{name}' is not a name for an enclave: write letters, digits, '_', '.' and '-', at most 128, a letter or digit first.");
    }

    private static string FindState()
    {
        if (Environment.GetEnvironmentVariable("CLOISTER_STATE") is { Length: > 0 } chosen)
            return Path.GetFullPath(chosen);
        if (Environment.GetEnvironmentVariable("XDG_STATE_HOME") is ['/', ..] state)
            return Path.Combine(state, "cloister");
        if (Environment.GetEnvironmentVariable("HOME") is ['/', ..] home)
            return Path.Combine(home, ".local", "state", "cloister");
        throw new HostException("Enclaves in the background need a folder, and HOME isn't set: set it, or CLOISTER_STATE.");
    }
}
