using System.Runtime.InteropServices;
using System.Text;

namespace MetaMap.Training.Checkpoints;

/// <summary>A text file that grows by whole lines. The next write replaces a partial line that an interrupted one has left at the end.</summary>
/// <param name="Path">The file; created with the first line.</param>
public sealed record LineFile(string Path)
{
    private const int SearchBytes = 16 << 10;

    /// <summary>Appends all of the lines, or none.</summary>
    /// <param name="lines">Without line endings.</param>
    /// <param name="after">The length up to which the file is known to be good; null when the caller has not written to it before.</param>
    /// <returns>The length before, and the length now.</returns>
    /// <exception cref="IOException">The write fails.</exception>
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

    /// <summary>Removes the last lines.</summary>
    /// <param name="length">The length to keep, in bytes.</param>
    public void Shorten(long length)
    {
        using FileStream stream = new(Path, FileMode.Open, FileAccess.Write, FileShare.Read);
        stream.SetLength(length);
    }

    /// <summary>The lines in the last 16 KiB of the file, in order, without one that is still being written.</summary>
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

    /// <summary>What stands after the last whole line; empty where nothing does.</summary>
    public string Unfinished()
    {
        using FileStream stream = new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = EndOfLastLine(stream, stream.Length);
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>The lines from the first on that is not before what is looked for, without one that is still being written. Reads little of what comes before.</summary>
    /// <param name="isBefore">True for the first lines, however many, and false for all others.</param>
    public IEnumerable<string> From(Func<string, bool> isBefore)
    {
        if (!File.Exists(Path))
        {
            yield break;
        }

        using FileStream stream = new(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        long end = EndOfLastLine(stream, stream.Length);
        // A line begins at low, and the first one that is wanted at low or later.
        long low = 0;
        for (long high = end; high - low > SearchBytes;)
        {
            long middle = low + ((high - low) / 2);
            stream.Position = middle;
            _ = ReadLine(stream, high);
            long next = stream.Position;
            if (next < high && ReadLine(stream, end) is { } line && isBefore(line))
            {
                low = next;
            }
            else
            {
                high = middle;
            }
        }

        stream.Position = low;
        bool isFound = false;
        while (ReadLine(stream, end) is { } line)
        {
            isFound = isFound || !isBefore(line);
            if (isFound)
            {
                yield return line;
            }
        }
    }

    /// <summary>Reads to the end of a line; null at the end.</summary>
    private static string? ReadLine(FileStream stream, long end)
    {
        if (stream.Position >= end)
        {
            return null;
        }

        List<byte> bytes = [];
        for (int next; (next = stream.ReadByte()) is not (-1 or '\n');)
        {
            bytes.Add((byte)next);
        }

        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes));
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
