using System.Collections.Immutable;
using MetaMap.Data;
using MetaMap.Learning;
using MetaMap.Learning.Native;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;

namespace MetaMap.Chaos.Runs;

/// <summary>What an undisturbed local run of the same options gives, after every iteration.</summary>
/// <param name="Sha256">SHA-256 of the parameters; the place is the iteration, from 0.</param>
internal sealed record Oracle(ImmutableArray<string> Sha256)
{
    /// <summary>SHA-256 of the final parameters.</summary>
    public string Final => Sha256[^1];

    /// <summary>Trains without any cluster.</summary>
    public static Oracle Train(RunOptions options)
    {
        TorchRuntime.Initialize();
        IEpisodeDataset dataset = options.OpenDataset(null);
        MetaTraining training = new("oracle", options, dataset.Catalog);
        MetaState begin = training.Begin();
        ImmutableArray<string>.Builder hashes = ImmutableArray.CreateBuilder<string>();
        hashes.Add(begin.Parameters.Sha256);
        using LocalMetaTrainer trainer = new(training, () => EpisodeLearner.Create(options, dataset), lanes: 2);
        trainer.Train(begin, (state, _) => hashes.Add(state.Parameters.Sha256));
        return new Oracle(hashes.ToImmutable());
    }
}
