using System.Runtime.InteropServices;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Tests.Blobs;

public class BlobStoreTests
{
    [Fact]
    public void Put_Bytes_AreFoundByTheirDigestWithoutACopy()
    {
        BlobStore store = new();
        byte[] bytes = [.. "abc"u8];
        BlobId blob = store.Put(bytes);

        Assert.Equal(new BlobId("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3), blob);
        Assert.True(store.TryGet(blob, out ReadOnlyMemory<byte> found));
        Assert.True(MemoryMarshal.TryGetArray(found, out ArraySegment<byte> segment));
        Assert.Same(bytes, segment.Array);
    }

    [Fact]
    public void Release_EveryPin_ForgetsTheBuffer()
    {
        BlobStore store = new();
        BlobId blob = store.Put(new byte[] { 1 });
        Assert.Equal(blob, store.Put(new byte[] { 1 }));
        store.Release(blob);
        Assert.True(store.TryGet(blob, out _));
        store.Release(blob);
        Assert.False(store.TryGet(blob, out _));
        store.Release(blob);
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void TryGet_SameDigestOtherLength_IsNotFound()
    {
        BlobStore store = new();
        BlobId blob = store.Put(new byte[] { 1 });
        Assert.False(store.TryGet(blob with { LengthBytes = 2 }, out _));
    }

    [Fact]
    public void PutAndRelease_FromManyThreads_EndEmpty()
    {
        BlobStore store = new();
        Parallel.For(0, 2_000, i =>
        {
            BlobId blob = store.Put(new byte[] { (byte)(i % 7) });
            Assert.True(store.TryGet(blob, out _));
            store.Release(blob);
        });
        Assert.Equal(0, store.Count);
    }
}
