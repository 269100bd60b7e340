using System.Collections.Immutable;
using MetaMap.Core.Episodes;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Tests.Serialization;

/// <summary>One of each message, small enough to read its bytes.</summary>
internal static class SampleMessages
{
    public static readonly RunId Run = new("r1");
    public static readonly WorkerId Worker = new("w1");
    public static readonly BlobId Blob = new("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 70_000);

    public static readonly EpisodeBlock Block = new(2,
    [
        new Episode(4, [new EpisodeClass(7, 3, [1], [2, 3]), new EpisodeClass(8, 0, [5], [6, 0x01020304])]),
    ]);

    public static readonly ImmutableArray<IControlMessage> Control =
    [
        new StartRun(Run, "{}", true, false, 1.5, 2, 0.25),
        new StopRun(Run),
        new RunStarted(Run, 7),
        new RunRefused(Run, "no"),
        new RunStopped(Run, 8),
        new RequestBlocks(Run, Worker, 2, "direct"),
        new BlockLeased(Run, 3, 1, Block, Blob, "p"),
        new BlockAdapted(Run, 3, 2, 1, Worker, Blob, "ab", [new EpisodeMetrics(0.5f, 0.25f)], Blob, "p"),
        new BlockFailed(Run, 3, 2, 1, Worker, "oom"),
        new BlockJudged(Run, 3, 2, Blob, "Counted"),
        new WorkerLost(Run, Worker),
        new RegisterWorker(Worker, 1, "0.1", 2, "cpu", "direct"),
        new WorkerRegistered(Worker),
        new WorkerRefused(Worker, "no"),
        new RunOpened(Run, "{}", "d", "l", 0.5),
        new RunClosed(Run),
        new RunDeclined(Run, Worker, "no"),
        new WorkerLeaving(Worker),
        new EvaluateRun(Run, 600, -1, "test"),
        new RunEvaluated(Run, 3, "ab", 2, 600, 0.5, 0.25, 0.75, 0.125, 0.5, 0.25, 0.75, 0.125),
        new EvaluationLeased(Run, 5, 1, Block, 2, Blob, "p"),
        new BlockEvaluated(Run, 5, 2, 1, Worker, [new StepEvaluation(2, 0.5f, 0.25f, 1f, 0.75f)]),
        new EvaluationFailed(Run, 5, 2, 1, Worker, "oom"),
        new PauseRun(Run),
        new ResumeRun(Run),
        new DeleteRun(Run),
        new TakeUpRun(Run),
        new ReleaseRun(Run),
        new RunChanged(Run, "Paused", 9),
        new BlockReturned(Run, -2, 3, 1, Worker, "the worker leaves"),
        new WorkerUnknown(Worker),
    ];
}
