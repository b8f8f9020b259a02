using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using Cloister.Abi;
using Cloister.Hal.HostProtocol;

namespace Cloister.Host.Files;

/// <summary>
/// The contents of a tar file, or of a container image: an index in memory; data is read from the archives where it lies.
/// </summary>
internal sealed class TarShare : HostShare
{
    private readonly List<FileStream> _files = [];
    private TarSource? _first;
    private TarNode? _root;

    private TarShare()
    {
    }

    /// <summary>Opens a tar file; one that holds an image gives the image's files.</summary>
    public static TarShare Open(string path) => Open(path, share =>
    {
        TarSource source = share.AddFile(PlainArchive.Open(path));
        var index = new TarIndex(share, source, path);
        index.Add(source);
        TarNode outer = index.Root;
        var image = new ContainerImage(path, name => Find(outer, name)?.OpenContent()?.OpenStream());
        if (image.FindLayers() is not { } layers)
            return outer;
        return share.Merge(path, layers, name => Find(outer, name)?.OpenContent());
    });

    /// <summary>Opens an image in a directory; null where it holds none.</summary>
    public static TarShare? TryOpenLayout(string path)
    {
        if (!File.Exists(Path.Combine(path, "oci-layout")))
            return null;
        var image = new ContainerImage(path, name => File.Exists(Path.Combine(path, name)) ? File.OpenRead(Path.Combine(path, name)) : null);
        if (image.FindLayers() is not { } layers)
            return null;
        return Open(path, share => share.Merge(path, layers, name =>
        {
            string layer = Path.Combine(path, name);
            return File.Exists(layer) ? share.AddFile(PlainArchive.Open(layer)) : null;
        }));
    }

    public override void Dispose()
    {
        foreach (FileStream file in _files)
            file.Dispose();
    }

    internal override Errno OpenRoot(DescriptorBudget budget, out HostNode? node, out FileRecord record)
    {
        node = _root;
        return _root!.GetStatus(out record);
    }

    /// <summary>Status of the file system that holds the tar file, without room for more.</summary>
    internal Errno GetFileSystemStatus(out FileSystemRecord record)
    {
        Errno error = StatusReader.ReadFileSystem(_first!.Data, out record);
        record.FreeBlocks = 0;
        record.AvailableBlocks = 0;
        record.FreeFiles = 0;
        return error;
    }

    private static TarShare Open(string path, Func<TarShare, TarNode> index)
    {
        var share = new TarShare();
        try
        {
            share._root = index(share);
            return share;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            share.Dispose();
            throw new HostException($"'{path}' can't be read: {e.Message}", e);
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }

    private TarNode Merge(string path, IReadOnlyList<string> layers, Func<string, TarSource?> open)
    {
        TarIndex? index = null;
        foreach (string layer in layers)
        {
            TarSource source = open(layer) ?? throw new HostException($"'{path}' is a container image without its layer '{layer}': save it again.");
            if (PlainArchive.Unpack(path, source.OpenStream()) is { } plain)
                source = AddFile(plain);
            index ??= new TarIndex(this, source, path);
            index.AddLayer(source);
        }

        return index?.Root ?? throw new HostException($"'{path}' is a container image without layers: there is nothing in it to run.");
    }

    private TarSource AddFile(FileStream file)
    {
        _files.Add(file);
        var source = new TarSource(file, 0, file.Length);
        _first ??= source;
        return source;
    }

    private static TarNode? Find(TarNode root, string path)
    {
        TarNode? at = root;
        foreach (string part in path.Split('/'))
        {
            if (part is not ("" or "."))
                at = at?.Find(Encoding.UTF8.GetBytes(part));
        }

        return at;
    }
}
