using MetaMap.Coordinator.Runs.Board;
using MetaMap.Learning.Native;
using MetaMap.Training.Checkpoints;
using TorchSharp;
using TorchSharp.Modules;

namespace MetaMap.Cli.Training;

/// <summary>Writes the measures of each committed iteration for TensorBoard.</summary>
internal static class TensorBoardLog
{
    /// <summary>Passes snapshots through and records each new iteration once.</summary>
    public static async IAsyncEnumerable<RunSnapshot> Record(IAsyncEnumerable<RunSnapshot> snapshots, RunDirectory directory)
    {
        TorchRuntime.Initialize();
        SummaryWriter writer = torch.utils.tensorboard.SummaryWriter(directory.TensorBoardPath, createRunName: false);
        int newest = -1;
        await foreach (RunSnapshot snapshot in snapshots.ConfigureAwait(false))
        {
            if (snapshot.Metrics is { } metrics && metrics.Iteration > newest)
            {
                newest = metrics.Iteration;
                writer.add_scalar("train/query_loss", (float)metrics.QueryLoss, metrics.Iteration);
                if (metrics.QueryAccuracyFraction is { } accuracy)
                {
                    writer.add_scalar("train/query_accuracy", (float)accuracy, metrics.Iteration);
                }

                writer.add_scalar("train/meta_gradient_norm", (float)metrics.MetaGradientNorm, metrics.Iteration);
                writer.add_scalar("train/episodes_per_second", (float)snapshot.EpisodesPerSecond, metrics.Iteration);
            }

            yield return snapshot;
        }
    }
}
