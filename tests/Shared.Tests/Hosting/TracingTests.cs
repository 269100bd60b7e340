using System.Diagnostics;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Tests.Hosting;

public sealed class TracingTests
{
    private static readonly RoundId _round = new(RoundKind.Iteration, 7);

    /// <summary>Two nodes that tell of the same round tell the same trace.</summary>
    [Fact]
    public void Begin_SameRound_IsTheSameTrace()
    {
        RunId run = new($"run-{Guid.NewGuid():N}");
        Assert.Null(Tracing.Begin("block", run, _round));
        using ActivityListener listener = new() { ShouldListenTo = source => source.Name == Tracing.Name, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        using Activity block = Tracing.Begin("block", run, _round)!;
        using Activity iteration = Tracing.Begin("iteration", run, _round, DateTimeOffset.UnixEpoch)!;
        Assert.Equal((block.TraceId, block.ParentSpanId), (iteration.TraceId, iteration.ParentSpanId));
        Assert.Equal(DateTimeOffset.UnixEpoch.UtcDateTime, iteration.StartTimeUtc);
        Assert.Equal((run.Value, 7), (block.GetTagItem("metamap.run"), (int)block.GetTagItem("metamap.iteration")!));
        using Activity evaluation = Tracing.Begin("block", run, new RoundId(RoundKind.Evaluation, 7))!;
        using Activity next = Tracing.Begin("block", run, new RoundId(RoundKind.Iteration, 8))!;
        Assert.Equal(3, new[] { block, evaluation, next }.Select(span => span.TraceId).Distinct().Count());
    }
}
