using System.Collections.Immutable;
using MetaMap.Shared.Hosting;

namespace MetaMap.Shared.Tests.Hosting;

public class LogThrottleTests
{
    [Fact]
    public void Admit_ManyLinesOfOneKind_WritesTheFirstAndCountsTheRest()
    {
        (LogThrottle throttle, int written) = Admit(LogThrottle.Empty, Enumerable.Repeat("Handshake timed out", 1_000));
        Assert.Equal(LogThrottle.LinesPerKind, written);
        (LogThrottle next, ImmutableArray<string> leftOut) = throttle.Turn();
        Assert.Equal("995 more lines like \"Handshake timed out\" were left out", Assert.Single(leftOut));
        Assert.Equal(LogThrottle.Empty, next);
    }

    [Fact]
    public void Admit_AnotherKind_IsWrittenStill()
    {
        (LogThrottle throttle, _) = Admit(LogThrottle.Empty, Enumerable.Repeat("a", 1_000));
        Assert.True(throttle.Admit("b").IsWritten);
    }

    [Fact]
    public void Admit_EveryLineOfAKindOfItsOwn_IsBounded()
    {
        (LogThrottle throttle, int written) = Admit(LogThrottle.Empty, Enumerable.Range(0, 10_000).Select(number => $"kind {number}"));
        Assert.Equal(LogThrottle.Kinds + LogThrottle.LinesPerKind, written);
        Assert.InRange(throttle.Lines.Count, 1, LogThrottle.Kinds + 1);
        Assert.Single(throttle.Turn().LeftOut);
    }

    [Fact]
    public void Turn_FewLines_SaysNothing() => Assert.Empty(Admit(LogThrottle.Empty, ["a", "a", "b"]).Throttle.Turn().LeftOut);

    private static (LogThrottle Throttle, int Written) Admit(LogThrottle throttle, IEnumerable<string> kinds)
    {
        int written = 0;
        foreach (string kind in kinds)
        {
            (throttle, bool isWritten) = throttle.Admit(kind);
            written += isWritten ? 1 : 0;
        }

        return (throttle, written);
    }
}
