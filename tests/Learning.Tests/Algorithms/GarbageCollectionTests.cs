using MetaMap.Core.Algorithms;
using MetaMap.Core.Configuration;
using MetaMap.Core.Episodes;
using MetaMap.Core.Models;
using MetaMap.Core.Parameters;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>
/// TorchSharp hands a number to libtorch in a small native object that the garbage collector may free while libtorch
/// still reads it. Every algorithm, with the numbers of Adam and of clipping where it reads them, must not care.
/// </summary>
[Collection(Alone.Name)]
public sealed class GarbageCollectionTests
{
    // With one unheld number in Adam, most of the algorithms that use it fail within these.
    private const int Rounds = 12;

    public static TheoryData<string, string> AlgorithmsAndModels
    {
        get
        {
            var data = new TheoryData<string, string> { { "maml", ModelCatalog.ResNet12 }, { "maml", ModelCatalog.Conv4 }, { "maml", ModelCatalog.Cnn } };
            foreach (string name in AlgorithmCatalog.Names)
            {
                data.Add(name, ModelCatalog.Conv4Stride);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(AlgorithmsAndModels))]
    public void ComputeBlock_WhileGarbageIsCollected_GivesTheSameBits(string algorithm, string model)
    {
        bool reads(string option) => AlgorithmCatalog.All[algorithm].Reads.Contains(option);
        RunOptions options = (TrainingRun.Options with
        {
            Algorithm = algorithm, Model = model, Filters = model == ModelCatalog.Cnn ? null : 2,
            InnerOptimizer = reads(nameof(RunOptions.InnerOptimizer)) ? "adam" : null,
            InnerClip = reads(nameof(RunOptions.InnerClip)) ? 0.1 : null,
            InnerSteps = reads(nameof(RunOptions.InnerSteps)) ? 10 : null,
        }).Resolve();
        ParameterVector theta = FirstParameters.Of(options, TrainingRun.Dataset, seed: 3);
        Episode episode = EpisodeSampler.For(options, TrainingRun.Dataset.Catalog).Sample(Core.Data.SplitPart.Train, 1, 0);
        using EpisodeLearner learner = EpisodeLearner.Create(options, TrainingRun.Dataset);
        string Compute() => learner.ComputeBlock(theta, 1, new EpisodeBlock(0, [episode]), CancellationToken.None).GradientSum.Sha256;

        string quiet = Compute();
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
            for (int i = 0; i < Rounds; i++)
            {
                Assert.Equal(quiet, Compute());
            }
        }
        finally
        {
            done.Cancel();
            collector.Join();
        }
    }
}
