using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Kernels;
using MetaMap.Shared.Messages;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;

namespace MetaMap.Worker.Runs;

/// <summary>One run on this worker: its data, its layout, and a learner per lane.</summary>
internal sealed class WorkerRun : IDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private readonly EpisodeLearner[] _learners;
    private readonly EpisodeBaselines _baselines;

    private WorkerRun(ParameterLayout layout, EpisodeLearner[] learners, EpisodeBaselines baselines)
    {
        Layout = layout;
        (_learners, _baselines) = (learners, baselines);
    }

    /// <summary>Layout of parameters and gradients.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>How this worker computes the run's convolutions, for messages and records.</summary>
    public string Kernels => _learners[0].Kernels is { IsUsed: true } kernels ? kernels.Description : "none";

    /// <summary>Opens data and learners; slow, never called on an actor's thread.</summary>
    /// <param name="opened">The run.</param>
    /// <param name="dataDirectory">Folder with the dataset's files.</param>
    /// <param name="lanes">Where each lane computes.</param>
    /// <param name="kernels">Chooses how convolutions are computed.</param>
    /// <param name="reading">Told the dataset's name before its files are read, which may take minutes the first time; null for nobody.</param>
    /// <exception cref="ConfigurationException">This version does not know the options, the layout is another one, or a GPU lacks the memory.</exception>
    /// <exception cref="DeviceException">A GPU has failed.</exception>
    /// <exception cref="DataException">The data is missing, damaged, or not the coordinator's.</exception>
    /// <exception cref="KernelException">Convolutions are wrong on this processor.</exception>
    public static WorkerRun Open(RunOpened opened, string? dataDirectory, IReadOnlyList<ComputeDevice> lanes, KernelChooser kernels, Action<string>? reading = null)
    {
        RunOptions options = RunOptionsJson.ReadStored(opened.OptionsJson, $"run {opened.RunId}");
        if (options.DatasetDefinition.NeedsFolder)
        {
            reading?.Invoke(options.Dataset);
        }

        IEpisodeDataset dataset = options.OpenDatasetIn(dataDirectory, opened.DataPath);
        if (dataset.Catalog.Digest != opened.DatasetDigest)
        {
            // Other bytes may be damaged ones, of which the decoder names the file.
            Decode(dataset);
            throw new DataException(
                $"This worker's dataset {options.Dataset} is {Digests.Abbreviate(dataset.Catalog.Digest)}, the coordinator's is {Digests.Abbreviate(opened.DatasetDigest)}: give both the same files{(opened.DataPath is { } named ? $" under the name {named}" : " with --data")}.");
        }

        ParameterLayout layout = TaskShape.Of(options, dataset.Catalog).Schema(options).Layout;
        if (layout.Digest != opened.LayoutDigest)
        {
            throw new ConfigurationException(
                $"This worker has parameter layout {Digests.Abbreviate(layout.Digest)}, run {opened.RunId} has {Digests.Abbreviate(opened.LayoutDigest)}: build both nodes from the same version.");
        }

        // Not within the first lease.
        Decode(dataset);
        List<EpisodeLearner> learners = [];
        try
        {
            foreach (ComputeDevice device in lanes)
            {
                learners.Add(EpisodeLearner.Create(options, dataset, kernels, device));
            }

            learners.ForEach(learner => learner.RequireMemory());
            return new WorkerRun(layout, [.. learners], new EpisodeBaselines(options, dataset));
        }
        catch
        {
            learners.ForEach(learner => learner.Dispose());
            throw;
        }
    }

    // Contents are decoded on first use.
    private static void Decode(IEpisodeDataset dataset) => dataset.CopyInput(0, 0, 0, new float[dataset.Catalog.Input.Length]);

    /// <summary>How long a lane has been loading episodes so far; called on the lane's own thread.</summary>
    public TimeSpan LoadingOf(int lane) => _learners[lane].Loading;

    /// <summary>Computes a block; called on the lane's own thread.</summary>
    /// <exception cref="OperationCanceledException">The run was closed meanwhile.</exception>
    public BlockGradient Compute(int lane, ParameterVector metaParameters, int iteration, EpisodeBlock block) =>
        _learners[lane].ComputeBlock(metaParameters, iteration, block, _closing.Token);

    /// <summary>Measures the episodes of a block after the last inner step; called on the lane's own thread.</summary>
    /// <exception cref="OperationCanceledException">The run was closed meanwhile.</exception>
    public ImmutableArray<EvaluatedEpisode> Evaluate(int lane, ParameterVector metaParameters, BlockLeased lease)
    {
        var measures = ImmutableArray.CreateBuilder<EvaluatedEpisode>(lease.Episodes.Length);
        foreach (Episode episode in lease.Episodes)
        {
            _closing.Token.ThrowIfCancellationRequested();
            measures.Add(new EvaluatedEpisode(
                _learners[lane].Evaluate(metaParameters, episode, lease.InnerSteps).Last, lease.WithBaselines ? _baselines.Measure(episode) : []));
        }

        return measures.MoveToImmutable();
    }

    /// <summary>Ends running blocks at their next episode, and releases each lane's memory when the lane no longer uses it.</summary>
    /// <param name="lanes">The lanes that compute this run's blocks.</param>
    public void Close(ComputeLanes lanes)
    {
        Dispose();
        for (int lane = 0; lane < _learners.Length; lane++)
        {
            lanes.Run(lane, _learners[lane].Dispose);
        }
    }

    /// <summary>Ends running blocks at their next episode.</summary>
    public void Dispose() => _closing.Cancel();
}
