using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Learning.Native;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;
using TorchSharp;
using TorchSharp.Modules;

namespace MetaMap.Cli.Training;

/// <summary>Writes measures for TensorBoard: of each committed iteration, of the validation classes, and of the test classes at the end.</summary>
/// <param name="directory">The run's.</param>
internal sealed class TensorBoardLog(RunDirectory directory)
{
    private readonly Lazy<SummaryWriter> _writer = new(() =>
    {
        TorchRuntime.Initialize();
        return torch.utils.tensorboard.SummaryWriter(directory.TensorBoardPath, createRunName: false);
    });

    /// <summary>Passes snapshots through and records each new iteration and each validation once.</summary>
    public async IAsyncEnumerable<RunSnapshot> Record(IAsyncEnumerable<RunSnapshot> snapshots)
    {
        int newest = -1;
        ValidationMetrics? validated = null;
        await foreach (RunSnapshot snapshot in snapshots.ConfigureAwait(false))
        {
            if (snapshot.Metrics is { } metrics && metrics.Iteration > newest)
            {
                newest = metrics.Iteration;
                Write("train/query_loss", metrics.QueryLoss, metrics.Iteration);
                Write("train/query_accuracy", metrics.QueryAccuracyFraction, metrics.Iteration);
                Write("train/meta_gradient_norm", metrics.MetaGradientNorm, metrics.Iteration);
                Write("train/episodes_per_second", snapshot.EpisodesPerSecond, metrics.Iteration);
            }

            if (snapshot.Validation is { } validation && validation != validated)
            {
                validated = validation;
                Write("validation/loss", validation.ValidationLoss, validation.Iteration);
                Write("validation/accuracy", validation.ValidationAccuracyFraction, validation.Iteration);
            }

            yield return snapshot;
        }
    }

    /// <summary>Records what the model achieves on the test classes, at its version.</summary>
    public void Write(EvaluationBody test)
    {
        Write("test/loss", test.TestLoss, test.Iteration);
        Write("test/accuracy", test.TestAccuracy, test.Iteration);
        Write("test/accuracy_inductive", test.TestAccuracyInductive, test.Iteration);
        Write("test/mse", test.TestMse, test.Iteration);
        Write("test/mse_inductive", test.TestMseInductive, test.Iteration);
    }

    private void Write(string name, double? value, int iteration)
    {
        if (value is { } number)
        {
            _writer.Value.add_scalar(name, (float)number, iteration);
        }
    }
}
