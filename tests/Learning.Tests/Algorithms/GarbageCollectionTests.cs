using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Learning.Tests.Algorithms;

/// <summary>
/// TorchSharp hands a number to libtorch in a small native object that the garbage collector may free while libtorch
/// still reads it. Every algorithm, with the numbers of Adam and of clipping where it reads them, must not care; that each number
/// is held is what Architecture.Tests' TorchNumberTests see.
/// </summary>
[Collection(Alone.Name)]
public sealed class GarbageCollectionTests
{
    private const int Rounds = 3;

    public static TheoryData<string, string> AlgorithmsAndModels
    {
        get
        {
            var data = new TheoryData<string, string> { { "maml", "resnet12" } };
            foreach (string name in PartRegistry.Algorithms.Names)
            {
                data.Add(name, "conv4-stride");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(AlgorithmsAndModels))]
    public void ComputeBlock_WhileGarbageIsCollected_GivesTheSameBits(string algorithm, string model)
    {
        bool Reads(string key) => OptionSchema.Of(PartRegistry.Algorithms[algorithm].Options.GetType()).Any(option => option.Key == key);
        RunOptions options = TrainingRun.Options.With(
            ("algorithm", algorithm), ("model", model), ("filters", 2), ("inner_optimizer", Reads("inner_optimizer") ? "adam" : null),
            ("inner_clip", Reads("inner_clip") ? 0.1 : null), ("inner_steps", Reads("inner_steps") ? (model == "resnet12" ? 2 : 5) : null)).WithoutUnread().Resolve();
        ParameterVector theta = FirstParameters.Of(options, TrainingRun.Dataset, seed: 3);
        Episode episode = options.SamplerFor(TrainingRun.Dataset.Catalog).Sample(SplitPart.Train, 1, 0);
        using EpisodeLearner learner = EpisodeLearner.Create(options, TrainingRun.Dataset);
        string Compute() => learner.ComputeBlock(theta, 1, new EpisodeBlock(0, [episode]), CancellationToken.None).GradientSum.Sha256;

        string quiet = Compute();
        Alone.WhileGarbageIsCollected(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                Assert.Equal(quiet, Compute());
            }
        });
    }
}
