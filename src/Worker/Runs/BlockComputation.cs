using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Core.Training;
using MetaMap.Learning;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker.Runs;

/// <summary>Computes leases on the lanes' threads, and words every answer to them.</summary>
/// <param name="workerId">Who answers.</param>
/// <param name="blobs">Where gradients are held for coordinators.</param>
/// <param name="blobHolder">Path by which they are fetched.</param>
public sealed class BlockComputation(WorkerId workerId, BlobStore blobs, string blobHolder)
{
    private const int LongestReason = 500;

    /// <summary>Computes a block; never throws.</summary>
    public IRunMessage Compute(int lane, WorkerRun run, IBlockLease lease, ParameterVector parameters)
    {
        try
        {
            return lease switch
            {
                BlockLeased training => Adapt(lane, run, training, parameters),
                EvaluationLeased evaluation => new BlockEvaluated(
                    lease.RunId, evaluation.EvaluationId, lease.Block.Index, lease.Attempt, workerId,
                    run.Evaluate(lane, parameters, lease.Block, evaluation.InnerSteps)),
                _ => throw new InvalidOperationException($"{lease.GetType().Name} is no lease that this worker knows."),
            };
        }
        catch (OperationCanceledException)
        {
            return Returned(lease, "the run was closed here");
        }
#pragma warning disable CA1031 // Whatever fails on a lane is the block's failure, told to the run; the lane lives on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return Failed(lease, error.Data[EpisodeLearner.FailedEpisode] is int episode ? $"episode {episode}: {Explain(error)}" : Explain(error));
        }
    }

    /// <summary>The block could not be computed.</summary>
    public IRunMessage Failed(IBlockLease lease, string reason) => lease is BlockLeased training
        ? new BlockFailed(lease.RunId, training.Iteration, lease.Block.Index, lease.Attempt, workerId, reason)
        : new EvaluationFailed(lease.RunId, ((EvaluationLeased)lease).EvaluationId, lease.Block.Index, lease.Attempt, workerId, reason);

    /// <summary>The block was not computed, through no fault of its own.</summary>
    public BlockReturned Returned(IBlockLease lease, string reason)
    {
        LeaseKey key = LeaseKey.Of(lease);
        return new BlockReturned(key.RunId, key.Iteration, key.BlockIndex, key.Attempt, workerId, reason);
    }

    /// <summary>One short sentence for people.</summary>
    public static string Explain(Exception error) => error switch
    {
        AggregateException { InnerException: { } inner } => Explain(inner),
        ConfigurationException or DataException or KernelException => error.Message,
        _ => Shorten($"{error.GetType().Name}: {error.Message.Split('\n')[0]}"),
    };

    private static string Shorten(string reason) => reason.Length <= LongestReason ? reason : reason[..LongestReason] + "…";

    private BlockAdapted Adapt(int lane, WorkerRun run, BlockLeased lease, ParameterVector parameters)
    {
        BlockGradient result = run.Compute(lane, parameters, lease.Iteration, lease.Block);
        BlobId gradient = blobs.Put(result.GradientSum.Bytes.ToArray());
        return new BlockAdapted(
            lease.RunId, lease.Iteration, lease.Block.Index, lease.Attempt, workerId, lease.Parameters, run.Layout.Digest,
            result.Episodes, gradient, blobHolder);
    }
}
