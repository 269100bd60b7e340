using Akka.TestKit;
using MetaMap.Coordinator.Http;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Testing;

namespace MetaMap.Coordinator.Tests.Http;

public sealed class EvaluationClientTests : ClusterTestKit
{
    private static readonly EvaluateRun _request = new(new RunId("run"), 600, 3, SplitPart.Test);

    [Fact]
    public async Task Ask_ClientLeaves_TheRunSeesItsEnd()
    {
        TestProbe runs = CreateTestProbe();
        using CancellationTokenSource left = new();
        Task<object> asked = EvaluationClient.Ask(Sys, runs.Ref, _request, TestTime.Limit, left.Token);
        runs.ExpectMsg(_request, TestTime.Limit);
        Watch(runs.LastSender);
        await left.CancelAsync();
        ExpectTerminated(runs.LastSender, TestTime.Limit);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
    }

    [Fact]
    public async Task Ask_RunAnswers_GivesTheAnswerAndEnds()
    {
        TestProbe runs = CreateTestProbe();
        Task<object> asked = EvaluationClient.Ask(Sys, runs.Ref, _request, TestTime.Limit, CancellationToken.None);
        runs.ExpectMsg(_request, TestTime.Limit);
        Watch(runs.LastSender);
        runs.Reply(new RunRefused(_request.RunId, "no"));
        Assert.Equal(new RunRefused(_request.RunId, "no"), await asked.WaitAsync(TestTime.Limit));
        ExpectTerminated(runs.LastSender, TestTime.Limit);
    }
}
