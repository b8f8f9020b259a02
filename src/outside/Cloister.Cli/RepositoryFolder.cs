using System;
using System.IO;
using Cloister.Host;

namespace Cloister.Cli;

/// <summary>The source tree that this program was built from: a few commands need more of it than themselves.</summary>
internal static class RepositoryFolder
{
    /// <summary>A folder of the tree.</summary>
    /// <exception cref="HostException">This program isn't in its tree.</exception>
    public static string Find(string name, string command)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string found = Path.Combine(folder.FullName, name);
            if (Directory.Exists(found))
                return found;
        }

        throw new HostException($"'{command}' needs the folder {name} of the sources: run ./cloister {command} there.");
    }
}
