using Akka.Actor;
using MetaMap.Shared.Membership;

namespace MetaMap.Shared.Tests.Membership;

public class DowningPolicyTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(0, "+ w w- w-", "2 3")] // 1 coordinator, most workers lost
    [InlineData(0, "+ -", "1")] // either of 2 crashes
    [InlineData(1, "- +", "0")]
    [InlineData(0, "+ + -", "2")] // 3: the majority stays
    [InlineData(1, "- + +", "0")]
    [InlineData(0, "+ - - w w-", "0")] // 3: the minority goes
    [InlineData(2, "- - +", "2")]
    [InlineData(0, "+ + + w-", "3")]
    [InlineData(0, "+ j j-", "2")] // those that are joining have no say ...
    [InlineData(0, "+ j- j-", "1 2")]
    [InlineData(1, "- j j", "0")] // ... unless they are alone
    [InlineData(2, "- j- j", "0 1")]
    public void Decide_EachSide_StaysWithHalfOfTheCoordinators(int self, string members, string downed)
    {
        MemberView[] views = Views(members, Long);
        DowningDecision decision = DowningPolicy.Decide(views[self].Address, views)!;
        Assert.Equal(downed.Split(' ').Select(int.Parse), decision.Downed.Select(address => Array.FindIndex(views, view => view.Address == address)));
    }

    [Theory]
    [InlineData(1, "+ j j- w-")] // one that is up decides
    [InlineData(2, "+ - j")]
    public void Decide_OneThatIsJoining_LeavesItToThoseThatAreUp(int self, string members)
    {
        MemberView[] views = Views(members, Long);
        Assert.Null(DowningPolicy.Decide(views[self].Address, views));
    }

    [Fact]
    public void Decide_OneThatIsJoiningAndLostTheOthers_GivesThemTimeToRemoveIt()
    {
        MemberView[] views = Views("- j w-", 1.5 * DowningPolicy.StableAfter);
        Assert.Null(DowningPolicy.Decide(views[1].Address, views));
    }

    [Fact]
    public void Decide_NobodyLostForLongEnough_IsNothing()
    {
        MemberView[] views = Views("+ - w-", DowningPolicy.StableAfter - TimeSpan.FromMilliseconds(1));
        Assert.Null(DowningPolicy.Decide(views[0].Address, views));
    }

    [Fact]
    public void Decide_TwoThatLostEachOther_TheFirstDecidesBeforeTheSecond()
    {
        TimeSpan between = DowningPolicy.StableAfter + (DowningPolicy.PatienceByRank / 2);
        MemberView[] first = Views("+ - +", between);
        MemberView[] second = Views("- + +", between);
        Assert.NotNull(DowningPolicy.Decide(first[0].Address, first));
        Assert.Null(DowningPolicy.Decide(second[1].Address, second));
    }

    [Fact]
    public void Decide_MinorityThatOnlyLostAWorkerForLong_WaitsForItsOwnSake()
    {
        MemberView[] views = [.. Views("+ - -", TimeSpan.FromSeconds(1)), .. Views("w-", Long).Select(view => view with { Address = AddressOf(9) })];
        Assert.Null(DowningPolicy.Decide(views[0].Address, views));
    }

    /// <summary>A reachable coordinator is + (j while it is joining), a worker w; an unreachable one -, j- or w-.</summary>
    private static MemberView[] Views(string members, TimeSpan unreachableFor) =>
    [
        .. members.Split(' ').Select((member, i) => new MemberView(
            AddressOf(i), !member.StartsWith('w'), member.EndsWith('-') ? unreachableFor : null, member.StartsWith('j'))),
    ];

    private static Address AddressOf(int i) => new("akka.tcp", "metamap", "h", 1000 + i);
}
