using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Cli.Options;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Learning.Devices;
using MetaMap.Learning;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;

namespace MetaMap.Cli.Commands;

/// <summary>One episode to differentiate, and its origin.</summary>
/// <param name="Options">Algorithm and network, resolved.</param>
/// <param name="Catalog">The dataset, or one without classes.</param>
/// <param name="Parameters">Theta.</param>
/// <param name="Iteration">The meta-iteration, from 1.</param>
/// <param name="Content">The episode's content.</param>
/// <param name="Episode">Which classes and examples these are; null for an episode from a file.</param>
/// <param name="Origin">Where the episode is from, for the metadata of files.</param>
internal sealed record GradientTask(
    RunOptions Options, DatasetCatalog Catalog, ParameterVector Parameters, int Iteration, EpisodeFile Content, Episode? Episode,
    ImmutableDictionary<string, string> Origin)
{
    /// <summary>Creates a task from a model file and an episode file.</summary>
    /// <exception cref="DataException">A file cannot be used.</exception>
    /// <exception cref="ConfigurationException">The options do not fit the model.</exception>
    public static GradientTask OfFiles(string modelPath, string episodePath, int? iteration, Func<RunOptions, RunOptions> read)
    {
        ModelFile model = ModelFile.Read(modelPath);
        RunOptions options = read(model.Options);
        RequireLayout(options, model.Shape, model.Parameters, modelPath);
        EpisodeFile content = EpisodeFile.Read(
            SafetensorsReader.ReadFile(episodePath), model.Shape, model.Shape.Outputs(options), episodePath);
        return new GradientTask(
            options, EpisodeGradient.Outside(model.Shape), model.Parameters, RequireIteration(iteration ?? model.Iteration + 1), content, null,
            ImmutableDictionary<string, string>.Empty);
    }

    /// <summary>Creates a task from an episode of a run's meta-batch, with the meta-parameters that its iteration began with.</summary>
    /// <exception cref="DataException">The state before that iteration is not kept.</exception>
    /// <exception cref="ConfigurationException">There is no such iteration or episode.</exception>
    public static GradientTask OfRun(RunDirectory directory, int? iteration, string episode, string? data, Func<RunOptions, RunOptions> read)
    {
        RunOptions stored = directory.ReadOptions();
        RunOptions options = read(stored);
        int wanted = RequireIteration(iteration ?? throw new ConfigurationException("--run needs --iteration, the meta-iteration that the episode belongs to."));
        if (!int.TryParse(episode, NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index >= stored.MetaBatch)
        {
            throw new ConfigurationException($"--episode is '{episode}', but with --run it is the episode's index, 0 to {stored.MetaBatch - 1}.");
        }

        IEpisodeDataset dataset = CommonOptions.OpenDataset(stored, data ?? directory.ReadDataSource());
        MetaTraining training = new(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory.Path))), stored, dataset.Catalog);
        directory.ReadData()?.Require(training.RunId, dataset.Catalog);
        ParameterVector parameters = ParametersOf(directory, training, dataset, wanted - 1);
        RequireLayout(options, training.Shape, parameters, directory.Path);
        Episode drawn = stored.SamplerFor(dataset.Catalog).Sample(SplitPart.Train, wanted, index);
        return new GradientTask(
            options, dataset.Catalog, parameters, wanted, EpisodeFile.Of(EpisodeExamples.LoadForTraining(dataset, drawn, stored, wanted)), drawn,
            ImmutableDictionary<string, string>.Empty.Add("run_id", training.RunId)
                .Add("iteration", wanted.ToString(CultureInfo.InvariantCulture)).Add("episode", index.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Computes the gradient on a device.</summary>
    public EpisodeGradient Compute(ComputeDevice device) => EpisodeGradient.Compute(Options, Catalog, Parameters, Iteration, Content, Episode, device);

    private static ParameterVector ParametersOf(RunDirectory directory, MetaTraining training, IEpisodeDataset dataset, int version)
    {
        if (version == 0 && training.Options.InitSha256 is null)
        {
            return training.Begin(dataset).Parameters;
        }

        if (directory.LoadVersion(version, training.Layout) is { } state)
        {
            return state.Parameters;
        }

        ModelFile? model = File.Exists(directory.ModelPath) ? ModelFile.Read(directory.ModelPath) : null;
        return model?.Iteration == version && model.Parameters.Layout.Equals(training.Layout) ? model.Parameters : throw new DataException(
            $"Iteration {version + 1} began with version {version}, which {directory.Path} does not keep; it keeps "
            + $"{string.Join(", ", directory.KeptIterations().Append(0).Distinct())}: ask for the iteration after one of these.");
    }

    private static int RequireIteration(int iteration) => iteration >= 1
        ? iteration : throw new ConfigurationException($"--iteration is {iteration}, but meta-iterations begin with 1.");

    private static void RequireLayout(RunOptions options, TaskShape shape, ParameterVector parameters, string source)
    {
        if (!shape.Schema(options).Layout.Equals(parameters.Layout))
        {
            throw new ConfigurationException(
                $"Algorithm {options.Algorithm} with these options has other meta-parameters than {source}; name the algorithm that it was trained with, or one with the same parameters.");
        }
    }
}
