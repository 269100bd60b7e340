using MetaMap.Shared.Blobs;

namespace MetaMap.Shared.Tests.Blobs;

public class BlobSourcesTests
{
    [Fact]
    public void Rotate_SlowHolder_HasItsTurnAgain()
    {
        BlobSources sources = new("a");
        sources.Rotate();
        Assert.Equal("a", sources.Current);
        sources.Add("b");
        sources.Add("b");
        sources.Rotate();
        Assert.Equal("b", sources.Current);
        sources.Rotate();
        Assert.Equal("a", sources.Current);
    }

    [Fact]
    public void TryLeave_HolderThatFailed_IsNeverAskedAgain()
    {
        BlobSources sources = new("a");
        Assert.False(sources.TryLeave());
        sources.Add("b");
        Assert.True(sources.TryLeave());
        sources.Add("a");
        Assert.Equal("b", sources.Current);
        Assert.False(sources.TryLeave());
    }
}
