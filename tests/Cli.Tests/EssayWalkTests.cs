using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using MetaMap.Testing;
using Xunit.Abstractions;

namespace MetaMap.Cli.Tests;

/// <summary>The script of samples/essay as it stands, on few images of MNIST.</summary>
[Trait("Category", "Slow")]
public sealed class EssayWalkTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("metamap-essay-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Walk_FewImages_GivesTheFiguresOfEachStep()
    {
        if (SharedData.Find("mnist", output) is not { } mnist)
        {
            return;
        }

        string few = Directory.CreateDirectory(Path.Combine(_directory, "mnist")).FullName;
        foreach (string part in new[] { "train", "t10k" })
        {
            int count = part == "train" ? 3000 : 500;
            await Cut(mnist, few, $"{part}-images-idx3-ubyte", count, 16 + (count * 28 * 28));
            await Cut(mnist, few, $"{part}-labels-idx1-ubyte", count, 8 + count);
        }

        ProcessStartInfo start = new(Repository.PathOf("samples", "essay", "walk.sh")) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in new[]
        {
            ("METAMAP", $"dotnet {Repository.Program}"), ("MNIST", few), ("OUT", Path.Combine(_directory, "runs")), ("EPOCHS", "4"), ("ITERATIONS", "8"), ("EPISODES", "40"),
        })
        {
            start.Environment[name] = value;
        }

        using Process walk = Process.Start(start)!;
        Task<string> errors = walk.StandardError.ReadToEndAsync();
        string[] lines = (await walk.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await walk.WaitForExitAsync();
        Assert.True(walk.ExitCode == 0, await errors);
        double[] accuracies = [.. lines[^5..].Select(line => double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(["MNIST", "new", "new", "new", "new"], lines[^5..].Select(line => line.Split(' ')[0]));
        Assert.InRange(accuracies[0], 0.6, 1);
        Assert.All(accuracies[1..], accuracy => Assert.InRange(accuracy, 0.3, 1));
        Assert.Contains("pixels are given as (x - 0.5) / 0.5, as to the model that the run starts from", await errors, StringComparison.Ordinal);
    }

    // The first images or labels of a file, unpacked.
    private static async Task Cut(string from, string to, string name, int count, int length)
    {
        await using GZipStream packed = new(File.OpenRead(Path.Combine(from, name + ".gz")), CompressionMode.Decompress);
        byte[] content = new byte[length];
        await packed.ReadExactlyAsync(content);
        BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(4), count);
        await File.WriteAllBytesAsync(Path.Combine(to, name), content);
    }
}
