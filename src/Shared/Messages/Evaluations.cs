using System.Collections.Immutable;
using MetaMap.Data;
using MetaMap.Training.Evaluation;

namespace MetaMap.Shared.Messages;

/// <summary>Client to run: let the workers evaluate the current model. Answered by <see cref="RunEvaluated"/> or <see cref="RunRefused"/>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Episodes">1 or more.</param>
/// <param name="InnerSteps">0 or more.</param>
/// <param name="Part">Whose classes.</param>
public sealed record EvaluateRun(RunId RunId, int Episodes, int InnerSteps, SplitPart Part) : IRunMessage;

/// <summary>Run to client: the model has been evaluated.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">The evaluated version.</param>
/// <param name="ModelSha256">SHA-256 of its parameters.</param>
/// <param name="Result">The result of the evaluation.</param>
public sealed record RunEvaluated(RunId RunId, int Iteration, string ModelSha256, EvaluationResult Result) : IControlMessage;

/// <summary>Worker to run: the measures of an evaluation block.</summary>
/// <param name="Lease">Which block.</param>
/// <param name="WorkerId">The worker.</param>
/// <param name="Episodes">After the last inner step, one entry per episode, in order.</param>
public sealed record BlockEvaluated(LeaseId Lease, WorkerId WorkerId, ImmutableArray<EvaluatedEpisode> Episodes) : IBlockAnswer
{
    /// <summary>Equal when every field and all episodes are equal.</summary>
    public bool Equals(BlockEvaluated? other) =>
        other is not null && Lease == other.Lease && WorkerId == other.WorkerId && Episodes.AsSpan().SequenceEqual(other.Episodes.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Lease, WorkerId);
}
