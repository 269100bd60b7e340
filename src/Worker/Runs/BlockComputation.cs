using System.Diagnostics;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Learning;
using MetaMap.Learning.Devices;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Training.Episodes;
using MetaMap.Worker.Machine;

namespace MetaMap.Worker.Runs;

/// <summary>Computes blocks on the lanes' threads.</summary>
internal static class BlockComputation
{
    private const int LongestReason = 500;

    /// <summary>Computes a block; never throws.</summary>
    /// <param name="lane">The lane's index.</param>
    /// <param name="run">The lease's run.</param>
    /// <param name="lease">The block.</param>
    /// <param name="parameters">What to start from.</param>
    /// <param name="blobs">Receives the gradient, for coordinators to fetch.</param>
    public static BlockOutcome Compute(int lane, WorkerRun run, BlockLeased lease, ParameterVector parameters, BlobStore blobs)
    {
        using Activity? span = Tracing.Begin("block", lease.Lease.RunId, lease.Lease.Round);
        TimeSpan loading = run.LoadingOf(lane);
        BlockOutcome outcome = Outcome(lane, run, lease, parameters, blobs);
        span?.SetTag("metamap.block", lease.Lease.Block).SetTag("metamap.attempt", lease.Lease.Attempt).SetTag("metamap.lane", lane).SetTag("metamap.outcome", outcome.GetType().Name);
        return outcome with { Loading = run.LoadingOf(lane) - loading };
    }

    private static BlockOutcome Outcome(int lane, WorkerRun run, BlockLeased lease, ParameterVector parameters, BlobStore blobs)
    {
        try
        {
            if (lease.Lease.Round.Kind == RoundKind.Evaluation)
            {
                return new BlockOutcome.Measured(run.Evaluate(lane, parameters, lease));
            }

            BlockGradient result = run.Compute(lane, parameters, lease.Lease.Round.Number, lease.Block);
            return new BlockOutcome.Adapted(result.Episodes, blobs.Put(result.GradientSum.Bytes.ToArray()));
        }
        catch (OperationCanceledException)
        {
            return new BlockOutcome.Cancelled();
        }
        catch (DeviceException error)
        {
            return new BlockOutcome.DeviceFailed(Explain(error));
        }
        catch (Exception error) when (lease.Lease.Round.Kind == RoundKind.Iteration && IsBadData(error))
        {
            return new BlockOutcome.DataFailed(Explain(error));
        }
#pragma warning disable CA1031 // Whatever fails on a lane is reported to the run as the block's failure; the lane lives on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new BlockOutcome.Failed(error.Data[EpisodeLearner.FailedEpisode] is int episode ? $"episode {episode}: {Explain(error)}" : Explain(error));
        }
    }

    /// <summary>True for what reading data throws when it is missing, damaged or not readable.</summary>
    public static bool IsBadData(Exception error) => error is AggregateException { InnerException: { } inner }
        ? IsBadData(inner) : error is DataException or IOException or UnauthorizedAccessException;

    /// <summary>Describes an error in one short sentence.</summary>
    public static string Explain(Exception error)
    {
        string reason = ReadableException.Describe(error);
        return reason.Length <= LongestReason ? reason : reason[..LongestReason] + "…";
    }
}
