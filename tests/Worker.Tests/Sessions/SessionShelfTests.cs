using Akka.Actor;
using MetaMap.Worker.Sessions;

namespace MetaMap.Worker.Tests.Sessions;

public sealed class SessionShelfTests : ClusterTestKit
{
    [Fact]
    public void Use_MoreThanFits_TellsThoseThatNobodyAskedForLongestToLeave()
    {
        SessionShelf shelf = new(mostBytes: 100);
        IActorRef[] sessions = [.. Enumerable.Range(0, 5).Select(_ => CreateTestProbe().Ref)];
        Assert.Empty(shelf.Use(sessions[0], 40));
        Assert.Empty(shelf.Use(sessions[1], 40));
        Assert.Empty(shelf.Use(sessions[0], 40));
        Assert.Equal([sessions[1]], shelf.Use(sessions[2], 40));
        shelf.Remove(sessions[0]);
        Assert.Empty(shelf.Use(sessions[3], 40));
        Assert.Equal([sessions[2], sessions[3]], shelf.Use(sessions[4], 1000));
    }
}
