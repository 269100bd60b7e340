using System.Collections.Immutable;
using MetaMap.Core.Episodes;
using MetaMap.Core.Training;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Serialization;

/// <summary>The closed allow-list of the control serializer: nothing else is ever written or read.</summary>
public static class ControlTypes
{
    /// <summary>
    /// Every control message. The position in this list is its number on the wire: append only, never reorder.
    /// </summary>
    public static ImmutableArray<Type> Messages { get; } =
    [
        typeof(StartRun),
        typeof(StopRun),
        typeof(RunStarted),
        typeof(RunRefused),
        typeof(RunStopped),
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
        typeof(EvaluationLeased),
        typeof(BlockEvaluated),
        typeof(EvaluationFailed),
        typeof(PauseRun),
        typeof(ResumeRun),
        typeof(DeleteRun),
        typeof(TakeUpRun),
        typeof(ReleaseRun),
        typeof(RunChanged),
        typeof(BlockReturned),
        typeof(WorkerUnknown),
    ];

    /// <summary>The records that control messages are made of, besides scalars and immutable arrays.</summary>
    public static ImmutableArray<Type> Values { get; } =
    [
        typeof(RunId),
        typeof(WorkerId),
        typeof(BlobId),
        typeof(EpisodeBlock),
        typeof(Episode),
        typeof(EpisodeClass),
        typeof(EpisodeMetrics),
        typeof(StepEvaluation),
    ];

    /// <summary>The field types that Hyperion's own value serializers carry.</summary>
    public static ImmutableArray<Type> Scalars { get; } =
        [typeof(string), typeof(bool), typeof(int), typeof(long), typeof(float), typeof(double)];
}
