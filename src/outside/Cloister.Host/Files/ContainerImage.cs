using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;

namespace Cloister.Host.Files;

/// <summary>
/// Finds the layers of a container image: an archive of <c>docker save</c> (manifest.json), or an OCI image layout (index.json), as a
/// directory or in an archive. Only the layers are used, not what the image says about users and commands.
/// </summary>
/// <param name="path">Of the image, for messages.</param>
/// <param name="open">Opens a file of the image by its path; null where there is none.</param>
internal sealed class ContainerImage(string path, Func<string, Stream?> open)
{
    private const int LongestDescription = 16 << 20;
    private const int MostLayers = 500;
    private const int DeepestIndex = 4;

    /// <summary>Paths of the layers in the image, the lowest first; null where it is no image.</summary>
    public IReadOnlyList<string>? FindLayers()
    {
        try
        {
            List<string>? layers = ReadDescription("manifest.json") is { } manifest ? FromDocker(manifest)
                : ReadDescription("index.json") is { } index ? FromIndex(index, 0)
                : null;
            if (layers is { Count: > MostLayers })
                throw Damaged($"it has more than {MostLayers} layers");
            return layers;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw Damaged(e.Message.TrimEnd('.'));
        }
    }

    // https://github.com/moby/docker-image-spec: an array of images, each with the paths of its layers.
    private List<string>? FromDocker(JsonElement manifest)
    {
        // Ordinary root file systems may have files of that name too.
        if (manifest.ValueKind != JsonValueKind.Array || manifest.GetArrayLength() == 0 || manifest[0].ValueKind != JsonValueKind.Object
            || !manifest[0].TryGetProperty("Layers", out JsonElement paths))
            return null;
        if (manifest.GetArrayLength() > 1)
            throw new HostException($"'{path}' holds {manifest.GetArrayLength()} images: save one of them by itself.");
        var layers = new List<string>();
        foreach (JsonElement layer in paths.EnumerateArray())
            layers.Add(layer.GetString()!);
        return layers;
    }

    // OCI image specification, "Image Index" and "Image Manifest".
    private List<string>? FromIndex(JsonElement index, int depth)
    {
        if (index.ValueKind != JsonValueKind.Object)
            return null;
        if (index.TryGetProperty("layers", out JsonElement layers))
        {
            var found = new List<string>();
            foreach (JsonElement layer in layers.EnumerateArray())
                found.Add(BlobOf(layer));
            return found;
        }

        if (!index.TryGetProperty("manifests", out JsonElement manifests) || manifests.GetArrayLength() == 0 || depth == DeepestIndex)
            return null;
        JsonElement chosen = manifests[0];
        foreach (JsonElement manifest in manifests.EnumerateArray())
        {
            if (manifest.TryGetProperty("platform", out JsonElement platform) && platform.GetProperty("architecture").GetString() == "amd64"
                && platform.GetProperty("os").GetString() == "linux")
            {
                chosen = manifest;
                break;
            }
        }

        string blob = BlobOf(chosen);
        return FromIndex(ReadDescription(blob) ?? throw Damaged($"it lacks {blob}"), depth + 1);
    }

    private string BlobOf(JsonElement descriptor)
    {
        string digest = descriptor.GetProperty("digest").GetString()!;
        int colon = digest.IndexOf(':');
        // A name, not a path that leads elsewhere.
        if (colon <= 0 || digest.AsSpan().ContainsAny('/', '\0') || digest.Contains("..", StringComparison.Ordinal))
            throw Damaged("a digest is no digest");
        return $"blobs/{digest[..colon]}/{digest[(colon + 1)..]}";
    }

    private JsonElement? ReadDescription(string name)
    {
        using Stream? stream = open(name);
        if (stream is null)
            return null;
        byte[] text = new byte[(int)Math.Min(stream.Length, LongestDescription)];
        int length = stream.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text.AsMemory(0, length));
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // Some file of that name.
            return null;
        }
    }

    private HostException Damaged(string why) => new($"'{path}' is a damaged container image ({why}): save it again.");
}
