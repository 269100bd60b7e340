using MetaMap.Cli.Hosting;
using MetaMap.Testing;

namespace MetaMap.Cli.Tests.Hosting;

public sealed class WaitingWordsTests
{
    private readonly ManualTime _time = new();
    private readonly WaitingWords _words;

    public WaitingWordsTests() => _words = new WaitingWords("waiting", _time);

    [Fact]
    public void Next_OtherIsThereAtOnce_SaysNothing()
    {
        Assert.Null(_words.Next(isThere: false));
        Assert.Null(After(4));
        Assert.Null(_words.Next(isThere: true));
        Assert.Null(After(4));
    }

    [Fact]
    public void Next_NobodyComes_SaysItOnceAMinute()
    {
        Assert.Null(_words.Next(isThere: false));
        Assert.Equal("waiting", After(5));
        Assert.Null(After(0));
        Assert.Null(After(59));
        Assert.Equal("waiting", After(1));
        Assert.Equal("waiting", After(180));
        Assert.Null(After(0));
    }

    [Fact]
    public void Next_LostAgain_BeginsAnew()
    {
        _words.Next(isThere: false);
        Assert.Equal("waiting", After(5));
        Assert.Null(_words.Next(isThere: true));
        Assert.Null(_words.Next(isThere: false));
        Assert.Equal("waiting", After(5));
    }

    private string? After(int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        return _words.Next(isThere: false);
    }
}
