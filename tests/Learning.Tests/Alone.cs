namespace MetaMap.Learning.Tests;

/// <summary>
/// Tests that make much garbage, or collect it all the time, run after the others and one at a time: TorchSharp's own
/// operators, which tests use, do not hold their numbers while libtorch reads them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";

    /// <summary>Runs while another thread collects garbage all the time.</summary>
    public static void WhileGarbageIsCollected(Action action)
    {
        using CancellationTokenSource done = new();
        Thread collector = new(() =>
        {
            while (!done.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            action();
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }
}
