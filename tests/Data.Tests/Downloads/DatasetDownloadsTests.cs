using System.Security.Cryptography;
using MetaMap.Core;
using MetaMap.Data.Downloads;
using MetaMap.Testing;
using MetaMap.Training.Configuration;

namespace MetaMap.Data.Tests.Downloads;

public sealed class DatasetDownloadsTests : IDisposable
{
    private static readonly byte[] _large = RandomBytes(300_000, 1);
    private static readonly byte[] _small = RandomBytes(10, 2);

    private readonly TemporaryDirectory _folder = new();
    private readonly FileServer _server = new();
    private readonly HttpClient _client = new();

    public DatasetDownloadsTests()
    {
        _server.Files["large.zip"] = _large;
        _server.Files["small.zip"] = _small;
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task DownloadAsync_AllFiles_AreStoredAndTold()
    {
        Told told = new();
        await DownloadAsync(told);
        AssertStored();
        Assert.Equal(300_000, told.All.Last(progress => progress.File == "large.zip").ReceivedBytes);
        Assert.Equal(told.All.Select(progress => progress.ReceivedBytes).Where(bytes => bytes > 10).Order(), told.All.Select(progress => progress.ReceivedBytes).Where(bytes => bytes > 10));
        Assert.Equal(new DownloadProgress("small.zip", 10, 10), told.All[^1]);

        await DownloadAsync();
        Assert.Equal(2, _server.Ranges.Count);
    }

    [Fact]
    public async Task DownloadAsync_ConnectionCutTwice_IsTakenUpWhereItEnded()
    {
        _server.Cuts.Enqueue(100_000);
        _server.Cuts.Enqueue(50_000);
        await DownloadAsync();
        AssertStored();
        Assert.Equal(["", "bytes=100000-", "bytes=150000-", ""], _server.Ranges);
    }

    [Fact]
    public async Task DownloadAsync_PartOfAnEarlierRun_IsResumed()
    {
        File.WriteAllBytes(_folder["large.zip.part"], _large[..120_000]);
        await DownloadAsync();
        AssertStored();
        Assert.Equal("bytes=120000-", _server.Ranges.First());
    }

    [Fact]
    public async Task DownloadAsync_WholePart_IsOnlyRenamed()
    {
        File.WriteAllBytes(_folder["large.zip.part"], _large);
        File.WriteAllBytes(_folder["small.zip.part"], _small);
        await DownloadAsync();
        AssertStored();
        Assert.Empty(_server.Ranges);
    }

    [Fact]
    public async Task DownloadAsync_ServerWithoutRanges_StartsAgain()
    {
        _server.SupportsRanges = false;
        _server.Cuts.Enqueue(100_000);
        await DownloadAsync();
        AssertStored();
        Assert.Equal(["", "bytes=100000-", ""], _server.Ranges);
    }

    [Fact]
    public async Task DownloadAsync_PartThatIsTooLong_StartsAgain()
    {
        File.WriteAllBytes(_folder["large.zip.part"], new byte[300_001]);
        await DownloadAsync();
        AssertStored();
    }

    [Fact]
    public async Task DownloadAsync_PartOfAnotherFile_IsFoundByItsDigest()
    {
        File.WriteAllBytes(_folder["large.zip.part"], new byte[1_000]);
        AssertTells("large.zip from ", await Assert.ThrowsAsync<DataException>(() => DownloadAsync()));
        Assert.Empty(Directory.GetFiles(_folder.Path));
        await DownloadAsync();
        AssertStored();
    }

    [Fact]
    public async Task DownloadAsync_OtherContent_IsRefusedAndNotKept()
    {
        _server.Files["large.zip"] = RandomBytes(300_000, 3);
        DataException error = await Assert.ThrowsAsync<DataException>(() => DownloadAsync());
        AssertTells("is not the published file (SHA-256 ", error);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task DownloadAsync_LongerContent_IsRefused()
    {
        _server.Files["large.zip"] = new byte[400_000];
        AssertTells("sends more than the 300000 bytes", await Assert.ThrowsAsync<DataException>(() => DownloadAsync()));
    }

    [Fact]
    public async Task DownloadAsync_ShorterContent_GivesUpWithTheManualSteps()
    {
        _server.SupportsRanges = false;
        _server.Files["large.zip"] = new byte[10];
        AssertTells("put them into", await Assert.ThrowsAsync<DataException>(() => DownloadAsync()));
    }

    [Fact]
    public async Task DownloadAsync_NoConnection_SaysHowToDoItByHand()
    {
        _server.Dispose();
        string message = (await Assert.ThrowsAsync<DataException>(() => DownloadAsync())).Message;
        Assert.StartsWith("tiny cannot be downloaded (", message, StringComparison.Ordinal);
        Assert.EndsWith(
            $"): get large.zip, small.zip from {_server.BaseAddress} on a machine with a connection, and put them into {_folder.Path}", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DownloadAsync_MissingAtTheServer_SaysHowToDoItByHand()
    {
        _server.Files.Remove("small.zip");
        AssertTells("404", await Assert.ThrowsAsync<DataException>(() => DownloadAsync()));
        Assert.Equal(_large, File.ReadAllBytes(_folder["large.zip"]));
    }

    [Fact]
    public async Task DownloadAsync_AnotherFileOfThatName_IsLeftAlone()
    {
        File.WriteAllText(_folder["large.zip"], "mine");
        AssertTells("is there but is not the published file", await Assert.ThrowsAsync<DataException>(() => DownloadAsync()));
        Assert.Equal("mine", File.ReadAllText(_folder["large.zip"]));
    }

    [Fact]
    public async Task DownloadAsync_FolderThatIsAFile_IsTold()
    {
        File.WriteAllText(_folder["file"], "");
        DatasetDownloads downloads = new(_client, [Source()]);
        Assert.Contains("cannot be stored in", (await Assert.ThrowsAsync<DataException>(
            () => downloads.DownloadAsync("tiny", _folder["file"], null, default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DownloadAsync_ServerThatFallsSilent_IsAskedAgain()
    {
        _server.Stalls = true;
        _server.Cuts.Enqueue(100_000);
        using HttpClient impatient = new() { Timeout = TimeSpan.FromSeconds(3) };
        await new DatasetDownloads(impatient, [Source()]).DownloadAsync("tiny", _folder.Path, null, default);
        AssertStored();
        Assert.Equal("bytes=100000-", _server.Ranges.ElementAt(1));
    }

    [Fact]
    public async Task DownloadAsync_ServerThatNeverAnswers_GivesUp()
    {
        _server.IsSilent = true;
        using HttpClient impatient = new() { Timeout = TimeSpan.FromMilliseconds(200) };
        AssertTells("tiny cannot be downloaded (", await Assert.ThrowsAsync<DataException>(
            () => new DatasetDownloads(impatient, [Source()]).DownloadAsync("tiny", _folder.Path, null, default)));
    }

    [Fact]
    public async Task DownloadAsync_Cancelled_KeepsThePart()
    {
        using CancellationTokenSource cancellation = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DownloadAsync(
            new Told(progress => { if (progress.ReceivedBytes > 1_000) { cancellation.Cancel(); } }), cancellation.Token));
        Assert.True(new FileInfo(_folder["large.zip.part"]).Length > 1_000);
        await DownloadAsync();
        AssertStored();
    }

    [Fact]
    public async Task DownloadAsync_UnknownDataset_ListsTheChoices() => Assert.Equal(
        "There is no download of dataset 'imagenet'; choose one of omniglot, mnist, fashion-mnist.",
        (await Assert.ThrowsAsync<ConfigurationException>(() => new DatasetDownloads(_client, Sources).DownloadAsync("imagenet", _folder.Path, null, default))).Message);

    [Fact]
    public void All_Sources_AreRegisteredDatasetsWithDigests() => Assert.All(Sources, source =>
    {
        Assert.True(PartRegistry.Datasets[source.Dataset].NeedsFolder);
        Assert.Equal(source, PartRegistry.Datasets[source.Dataset].Source);
        Assert.EndsWith("/", source.BaseAddress.ToString(), StringComparison.Ordinal);
        Assert.Equal("https", source.BaseAddress.Scheme);
        Assert.All(source.Files, file => Assert.Matches("^[0-9a-f]{64}$", file.Sha256));
    });

    private static DownloadSource[] Sources => [.. PartRegistry.Datasets.All.Select(dataset => dataset.Source).OfType<DownloadSource>()];

    private Task DownloadAsync(IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default) =>
        new DatasetDownloads(_client, [Source()]).DownloadAsync("tiny", _folder.Path, progress, cancellation);

    private DownloadSource Source() => new("tiny", _server.BaseAddress, [Published("large.zip", _large), Published("small.zip", _small)]);

    private static DownloadFile Published(string name, byte[] content) => new(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));

    private static byte[] RandomBytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private void AssertStored()
    {
        Assert.Equal(_large, File.ReadAllBytes(_folder["large.zip"]));
        Assert.Equal(_small, File.ReadAllBytes(_folder["small.zip"]));
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
    }

    private static void AssertTells(string part, DataException error)
    {
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    /// <summary>Reports at once, on the thread of the download.</summary>
    private sealed class Told(Action<DownloadProgress>? then = null) : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> All { get; } = [];

        public void Report(DownloadProgress value)
        {
            All.Add(value);
            then?.Invoke(value);
        }
    }
}
