using System.Collections.Immutable;
using MetaMap.Data;
using MetaMap.Shared.Messages;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Rounds;

namespace MetaMap.Shared.Serialization;

/// <summary>The closed allow-list of the control serializer: nothing else is ever written or read.</summary>
internal static class ControlTypes
{
    /// <summary>
    /// Every control message. The position in this list is its number on the wire: changing it makes a new protocol
    /// version. Messages with which a worker registers keep theirs for ever, so that two versions can refuse each other.
    /// </summary>
    public static ImmutableArray<Type> Messages { get; } =
    [
        typeof(StartRun),
        typeof(CommandRun),
        typeof(RunStarted),
        typeof(RunRefused),
        typeof(BlockReturned),
        typeof(RequestBlocks),
        typeof(BlockLeased),
        typeof(BlockAdapted),
        typeof(BlockFailed),
        typeof(BlockJudged),
        typeof(WorkerLost),
        typeof(RegisterWorker),
        typeof(WorkerRegistered),
        typeof(WorkerRefused),
        typeof(RunOpened),
        typeof(RunClosed),
        typeof(RunDeclined),
        typeof(WorkerLeaving),
        typeof(EvaluateRun),
        typeof(RunEvaluated),
        typeof(BlockEvaluated),
        typeof(RunChanged),
        typeof(WorkerUnknown),
        typeof(LanesReported),
        typeof(OpenSession),
        typeof(PredictInSession),
        typeof(KeepSession),
        typeof(CloseSession),
        typeof(SessionOpened),
        typeof(SessionPredicted),
        typeof(SessionKept),
        typeof(SessionUnknown),
        typeof(SessionRefused),
    ];

    /// <summary>The records and enumerations that control messages are made of, besides scalars and immutable arrays.</summary>
    public static ImmutableArray<Type> Values { get; } =
    [
        typeof(RunId),
        typeof(WorkerId),
        typeof(SessionId),
        typeof(LaneTimes),
        typeof(RoundId),
        typeof(LeaseId),
        typeof(BlobId),
        typeof(Episode),
        typeof(EpisodeClass),
        typeof(EpisodeMetrics),
        typeof(StepEvaluation),
        typeof(EvaluatedEpisode),
        typeof(BaselineResult),
        typeof(EvaluationResult),
        typeof(MeanWithInterval),
        typeof(RunPolicy),
        typeof(RunStatus),
        typeof(RunCommand),
        typeof(RoundKind),
        typeof(BlockVerdict),
        typeof(SplitPart),
    ];

    /// <summary>The field types that Hyperion's own value serializers carry.</summary>
    public static ImmutableArray<Type> Scalars { get; } =
        [typeof(string), typeof(bool), typeof(int), typeof(long), typeof(float), typeof(double)];
}
