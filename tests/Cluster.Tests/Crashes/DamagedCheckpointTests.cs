using System.Text.Json;

namespace MetaMap.Cluster.Tests.Crashes;

/// <summary>A checkpoint that is torn or has a flipped bit is passed over, aloud; the good one before it is used.</summary>
[Trait("Category", "Slow")]
public sealed class DamagedCheckpointTests : IDisposable
{
    private readonly RunFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Resume_NewestCheckpointTornOrFlipped_GoesOnFromTheOneBefore()
    {
        string whole = _folder["whole"];
        await StopAt(whole, 5);
        await StopAt(whole, 12, resumed: true);
        string[] checkpoints = [.. Directory.GetFiles(Path.Combine(whole, "checkpoints"), "*.safetensors").OrderDescending(StringComparer.Ordinal)];
        Assert.True(checkpoints.Length >= 2, "two stops leave two checkpoints");
        byte[] newest = await File.ReadAllBytesAsync(checkpoints[0]);
        int header = 8 + (int)BitConverter.ToInt64(newest);
        (string Damage, byte[] Bytes)[] damaged =
        [
            ("torn in its header", newest[..(header / 2)]), ("torn in its data", newest[..^1]), ("flipped in its data", Flipped(newest, newest.Length - 3)),
        ];
        foreach ((string damage, byte[] bytes) in damaged)
        {
            string run = _folder[damage.Replace(' ', '-')];
            Copy(whole, run);
            string damagedPath = Path.Combine(run, "checkpoints", Path.GetFileName(checkpoints[0]));
            await File.WriteAllBytesAsync(damagedPath, bytes);
            using MetamapProcess resume = MetamapProcess.Start("train", "--json", "--resume", run);
            IReadOnlyList<JsonElement> events = await resume.AllEvents();
            Assert.True(await resume.Exit() == 0, $"{damage}: {resume.Errors}");
            SmallRun.AssertSameBits(events[^1]);
            Assert.True(resume.Errors.Contains(Path.GetFileName(damagedPath), StringComparison.Ordinal), $"{damage}: the log does not name the damaged checkpoint\n{resume.Errors}");
            int first = events.First(element => SmallRun.IsIteration(element, 0)).GetProperty("iteration").GetInt32();
            Assert.InRange(first, 2, 40);
        }
    }

    private static async Task StopAt(string run, int iteration, bool resumed = false)
    {
        using MetamapProcess train = MetamapProcess.StartSlowly(resumed ? ["train", "--json", "--resume", run] : SmallRun.Train("--out", run));
        await train.Await(element => SmallRun.IsIteration(element, iteration));
        train.Signal(MetamapProcess.SigTerm);
        Assert.Equal(0, await train.Exit());
    }

    private static byte[] Flipped(byte[] bytes, int position)
    {
        byte[] flipped = [.. bytes];
        flipped[position] ^= 0x10;
        return flipped;
    }

    private static void Copy(string from, string to)
    {
        foreach (string folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories).Prepend(from))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)));
        }
    }
}
