using System.Text;

namespace MetaMap.Training.Checkpoints;

/// <summary>A text file that grows by whole lines. What half a write has left at its end is nobody's: the next one takes its place.</summary>
/// <param name="Path">The file; made by the first line.</param>
public sealed record LineFile(string Path)
{
    /// <summary>Adds lines, or none of them.</summary>
    /// <param name="lines">Without their ends.</param>
    /// <param name="after">The length up to which the file is known to be right; null where nobody has written to it before.</param>
    /// <returns>The length before, and the length now.</returns>
    /// <exception cref="IOException">The disk refuses.</exception>
    public (long Before, long Now) Append(IEnumerable<string> lines, long? after = null)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        using FileStream stream = new(Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        long before = EndOfLastLine(stream, Math.Min(after ?? long.MaxValue, stream.Length));
        stream.SetLength(before);
        try
        {
            stream.Position = before;
            stream.Write(bytes);
            return (before, before + bytes.Length);
        }
        catch (IOException)
        {
            stream.SetLength(before);
            throw;
        }
    }

    /// <summary>Takes the last lines away.</summary>
    /// <param name="length">What is left.</param>
    public void Shorten(long length)
    {
        using FileStream stream = new(Path, FileMode.Open, FileAccess.Write, FileShare.Read);
        stream.SetLength(length);
    }

    /// <summary>The whole lines at the end of the file, in order: those in its last 16 KiB, without one that is being written.</summary>
    public IReadOnlyList<string> Tail()
    {
        try
        {
            using FileStream stream = new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(Math.Max(0, stream.Length - (16 << 10)), SeekOrigin.Begin);
            using StreamReader reader = new(stream, Encoding.UTF8);
            return reader.ReadToEnd().Split('\n')[..^1];
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static long EndOfLastLine(FileStream stream, long end)
    {
        for (; end > 0; end--)
        {
            stream.Position = end - 1;
            if (stream.ReadByte() == '\n')
            {
                break;
            }
        }

        return end;
    }
}
