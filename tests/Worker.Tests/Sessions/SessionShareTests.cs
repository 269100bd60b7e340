using MetaMap.Worker.Sessions;

namespace MetaMap.Worker.Tests.Sessions;

public sealed class SessionShareTests
{
    [Fact]
    public void Wait_WithinTheBurst_IsNone()
    {
        SessionShare share = SessionShare.Full(0.25, 2);
        Assert.Equal(TimeSpan.Zero, share.Wait(TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, share.Spend(Seconds(1), Seconds(SessionShare.BurstSeconds)).Wait(Seconds(1)));
    }

    [Fact]
    public void Wait_InDebt_LastsUntilTheShareHasPaidIt()
    {
        // Half a lane-second a second: two lane-seconds of debt take four.
        SessionShare share = SessionShare.Full(0.25, 2).Spend(Seconds(0), Seconds(SessionShare.BurstSeconds + 2));
        Assert.Equal(Seconds(4), share.Wait(Seconds(0)));
        Assert.Equal(Seconds(1), share.Wait(Seconds(3)));
        Assert.Equal(TimeSpan.Zero, share.Wait(Seconds(4)));
    }

    [Theory]
    [InlineData(0.1, 2)]
    [InlineData(0.25, 2)]
    [InlineData(0.01, 64)]
    public void Spend_OverAnHour_IsTheShareAndOneBurst(double of, int lanes)
    {
        SessionShare share = SessionShare.Full(of, lanes);
        TimeSpan now = TimeSpan.Zero;
        double used = 0;
        while (now < TimeSpan.FromHours(1))
        {
            now += share.Wait(now) + Seconds(0.7);
            share = share.Spend(now, Seconds(0.7));
            used += 0.7;
        }

        Assert.InRange(used, of * lanes * 3600, (of * lanes * 3600) + SessionShare.BurstSeconds + 1.4);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
