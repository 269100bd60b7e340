using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Runs;

/// <summary>Names a lease among all that a worker holds.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Iteration">The meta-iteration; the negative number of an evaluation.</param>
/// <param name="BlockIndex">The block.</param>
/// <param name="Attempt">From 1.</param>
public readonly record struct LeaseKey(RunId RunId, int Iteration, int BlockIndex, int Attempt)
{
    /// <summary>Of a lease.</summary>
    public static LeaseKey Of(IBlockLease lease) => new(
        lease.RunId, lease is BlockLeased training ? training.Iteration : -((EvaluationLeased)lease).EvaluationId, lease.Block.Index, lease.Attempt);

    /// <summary>Of an answer to one.</summary>
    public static LeaseKey Of(IRunMessage answer) => answer switch
    {
        BlockAdapted adapted => new(adapted.RunId, adapted.Iteration, adapted.BlockIndex, adapted.Attempt),
        BlockFailed failed => new(failed.RunId, failed.Iteration, failed.BlockIndex, failed.Attempt),
        BlockReturned returned => new(returned.RunId, returned.Iteration, returned.BlockIndex, returned.Attempt),
        BlockEvaluated evaluated => new(evaluated.RunId, -evaluated.EvaluationId, evaluated.BlockIndex, evaluated.Attempt),
        EvaluationFailed failed => new(failed.RunId, -failed.EvaluationId, failed.BlockIndex, failed.Attempt),
        _ => throw new ArgumentException($"{answer.GetType().Name} answers no lease.", nameof(answer)),
    };
}
