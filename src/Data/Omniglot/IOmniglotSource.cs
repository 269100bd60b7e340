using MetaMap.Core;

namespace MetaMap.Data.Omniglot;

/// <summary>One image file, described without decoding it.</summary>
/// <param name="Path">With forward slashes, e.g. <c>images_background/Latin/character01/0001_01.png</c>.</param>
/// <param name="Crc32">Checksum of the content.</param>
/// <param name="LengthBytes">Length of the content.</param>
internal sealed record OmniglotFile(string Path, uint Crc32, long LengthBytes);

/// <summary>One half of Omniglot (background or evaluation), in a zip archive or in a folder.</summary>
internal interface IOmniglotSource
{
    /// <summary>The archive or folder on disk, for messages.</summary>
    string Location { get; }

    /// <summary>All files, in any order.</summary>
    /// <exception cref="DataException">The archive or folder cannot be read.</exception>
    IReadOnlyList<OmniglotFile> List();

    /// <summary>The content of each file, one after the other, in any order.</summary>
    /// <exception cref="DataException">A file cannot be read.</exception>
    IEnumerable<(string Path, byte[] Content)> Read();
}
