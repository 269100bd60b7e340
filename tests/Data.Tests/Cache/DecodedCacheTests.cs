using MetaMap.Core;
using MetaMap.Data.Cache;
using MetaMap.Testing;

namespace MetaMap.Data.Tests.Cache;

public sealed class DecodedCacheTests : IDisposable
{
    private static readonly byte[] _payload = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 7))];
    private static readonly CacheKey _key = new("some", "recipe 1, a.png 12 bytes");

    private readonly TemporaryDirectory _folder = new();
    private int _decoded;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_SecondTime_DecodesNothing()
    {
        DecodedCache first = Open(_folder["cache"]);
        DecodedCache second = Open(_folder["cache"]);
        Assert.Equal(1, _decoded);
        Assert.Equal(_payload, Content(first));
        Assert.Equal(_payload, Content(second));
        Assert.Equal(("1x100x100", 10_000), (second.Description, second.Length));
        Assert.Equal(_folder["cache/" + _key.FileName], Assert.Single(Directory.GetFiles(_folder["cache"])));
    }

    [Fact]
    public void Open_DamagedAnywhere_IsMadeAnew()
    {
        Open(_folder["cache"]);
        string path = Assert.Single(Directory.GetFiles(_folder["cache"]));
        byte[] whole = File.ReadAllBytes(path);
        foreach (int position in new[] { 0, 9, 20, 60, 90, 111, 112, 127, 128, 5_000, whole.Length - 1 })
        {
            byte[] damaged = [.. whole];
            damaged[position] ^= 4;
            AssertMadeAnew(path, damaged, whole);
        }

        foreach (byte[] damaged in new[] { [], whole[..50], whole[..128], whole[..^1], [.. whole, 0] })
        {
            AssertMadeAnew(path, damaged, whole);
        }
    }

    [Fact]
    public void Open_OtherSource_IsAnotherFile()
    {
        Open(_folder["cache"]);
        Assert.Null(DecodedCache.TryOpen(_key with { Source = "recipe 1, a.png 13 bytes" }, [_folder["cache"]]));
        File.Copy(_folder["cache/" + _key.FileName], _folder["cache/" + new CacheKey("some", "else").FileName]);
        Assert.Null(DecodedCache.TryOpen(new CacheKey("some", "else"), [_folder["cache"]]));
    }

    [Fact]
    public void Open_FolderThatCannotBeMade_UsesTheNext()
    {
        File.WriteAllText(_folder["file"], "");
        DecodedCache cache = Open(_folder["file/cache"], _folder["next"]);
        Assert.Equal(_payload, Content(cache));
        Assert.Single(Directory.GetFiles(_folder["next"]));
        Open(_folder["file/cache"], _folder["next"]);
        Assert.Equal(1, _decoded);
    }

    [Fact]
    public void Open_NoFolderCanBeWritten_StaysInMemory()
    {
        File.WriteAllText(_folder["file"], "");
        DecodedCache cache = Open(_folder["file/cache"]);
        Assert.Equal(_payload, Content(cache));
        Open(_folder["file/cache"]);
        Assert.Equal(2, _decoded);
    }

    [Fact]
    public void Open_DecodingFails_LeavesNothing()
    {
        Assert.Throws<DataException>(() => DecodedCache.Open(_key, [_folder["cache"]], "", 10, write =>
        {
            write(0, [1, 2]);
            throw new DataException("damaged");
        }));
        Assert.Empty(Directory.GetFiles(_folder["cache"]));
    }

    [Fact]
    public void Open_DiskFullWhileDecoding_TriesTheNextFolder()
    {
        int calls = 0;
        DecodedCache cache = DecodedCache.Open(_key, [_folder["full"], _folder["next"]], "", 2, write =>
        {
            write(0, [1, 2]);
            if (++calls == 1)
            {
                throw new IOException("No space left on device");
            }
        });
        Assert.Equal([1, 2], Content(cache));
        Assert.Empty(Directory.GetFiles(_folder["full"]));
        Assert.Single(Directory.GetFiles(_folder["next"]));
    }

    [Fact]
    public void Open_ManyAtOnce_AllReadTheSameBytes()
    {
        DecodedCache[] caches = new DecodedCache[8];
        Parallel.For(0, caches.Length, i => caches[i] = Open(_folder["cache"]));
        Assert.All(caches, cache => Assert.Equal(_payload, Content(cache)));
        Assert.Single(Directory.GetFiles(_folder["cache"]));
    }

    [Fact]
    public void Read_OutsideThePayload_Throws()
    {
        DecodedCache cache = Open(_folder["cache"]);
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Read(-1, new byte[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Read(9_999, new byte[2]));
    }

    [Fact]
    public void For_Environment_ChoosesTheFolders()
    {
        Assert.Equal(["/c"], CacheFolders.OfUser(name => name == "METAMAP_CACHE" ? "/c" : "/x"));
        Assert.Equal([Path.Combine("/x", "metamap")], CacheFolders.OfUser(name => name == "XDG_CACHE_HOME" ? "/x" : name == "HOME" ? "/h" : null));
        Assert.Equal([Path.Combine("/h", ".cache", "metamap")], CacheFolders.OfUser(name => name == "HOME" ? "/h" : null));
        Assert.Empty(CacheFolders.OfUser(_ => ""));
    }

    private void AssertMadeAnew(string path, byte[] damaged, byte[] whole)
    {
        File.WriteAllBytes(path, damaged);
        int before = _decoded;
        Assert.Equal(_payload, Content(Open(_folder["cache"])));
        Assert.Equal(before + 1, _decoded);
        Assert.Equal(whole, File.ReadAllBytes(path));
    }

    private DecodedCache Open(params string[] folders) => DecodedCache.Open(_key, folders, "1x100x100", _payload.Length, write =>
    {
        Interlocked.Increment(ref _decoded);
        Parallel.For(0, 10, i => write(i * 1_000, _payload.AsSpan(i * 1_000, 1_000)));
    });

    private static byte[] Content(DecodedCache cache)
    {
        byte[] content = new byte[cache.Length];
        cache.Read(0, content);
        return content;
    }
}
