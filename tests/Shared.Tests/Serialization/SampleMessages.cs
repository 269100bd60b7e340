using System.Collections.Immutable;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Rounds;

namespace MetaMap.Shared.Tests.Serialization;

/// <summary>One of each message, small enough to read its bytes.</summary>
internal static class SampleMessages
{
    public static readonly RunId Run = new("r1");
    public static readonly WorkerId Worker = new("w1");
    public static readonly SessionId Session = new("s1");
    public static readonly BlobId Blob = new("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 70_000);

    public static readonly LeaseId Lease = new(Run, RoundId.Iteration(3), 2, 1);
    public static readonly LeaseId Evaluation = new(Run, RoundId.Evaluation(5), 2, 1);

    public static readonly EpisodeBlock Block = new(2,
    [
        new Episode(4, [new EpisodeClass(7, 3, [1], [2, 3]), new EpisodeClass(8, 0, [5], [6, 0x01020304])]),
    ]);

    public static readonly ImmutableArray<IControlMessage> Control =
    [
        new StartRun(Run, "{}", true, false, new RunPolicy(1.5, 2, 0.25)),
        new CommandRun(Run, RunCommand.Stop),
        new RunStarted(Run, 7),
        new RunRefused(Run, "no"),
        new BlockReturned(Evaluation, Worker, "the worker leaves"),
        new RequestBlocks(Run, Worker, 2, "direct"),
        new BlockLeased(Lease, Block.Episodes, 0, true, Blob, "p"),
        new BlockAdapted(Lease, Worker, Blob, "ab", [new EpisodeMetrics(0.5f, 0.25f)], Blob, "p"),
        new BlockFailed(Lease, Worker, "oom"),
        new BlockJudged(Lease, Blob, BlockVerdict.NonFinite),
        new WorkerLost(Run, Worker),
        new RegisterWorker(Worker, 1, "0.1", 2, "cpu", "direct"),
        new WorkerRegistered(Worker),
        new WorkerRefused(Worker, "no"),
        new RunOpened(Run, "{}", "d", "l", 0.5),
        new RunClosed(Run),
        new RunDeclined(Run, Worker, "no", true),
        new WorkerLeaving(Worker),
        new EvaluateRun(Run, 600, 3, SplitPart.Test),
        new RunEvaluated(Run, 3, "ab", new EvaluationResult(2, 600, new(0.5, 0.25), new(0.75, 0.125), new(0.5, 0.25), new(0.75, 0.125), 500, [new("mean", new(0.5, 0.25))], 40)),
        new BlockEvaluated(Evaluation, Worker, [new EvaluatedEpisode(new(2, 0.5f, 0.25f, 1f, 0.75f), [0.5f])]),
        new RunChanged(Run, RunStatus.Paused, 9),
        new WorkerUnknown(Worker),
        new LanesReported(Worker, new LaneTimes(0.5, 0.25, 0.125, 2), 3, 4),
        new OpenSession(Session, Blob, Blob, "p"),
        new PredictInSession(Session, Blob, "p"),
        new KeepSession(Session),
        new CloseSession(Session),
        new SessionOpened(Session, 0.5),
        new SessionPredicted(Session, [0.25f, 0.75f]),
        new SessionKept(Session, Blob, "p"),
        new SessionUnknown(Session),
        new SessionRefused(Session, "no", true),
    ];
}
