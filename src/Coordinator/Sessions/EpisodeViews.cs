using System.Collections.Concurrent;
using System.Collections.Immutable;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Data;
using MetaMap.Data.Images;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;

namespace MetaMap.Coordinator.Sessions;

/// <summary>
/// Shows people what a run works on: the first episode of its current iteration as pictures, with what its current model predicts once a worker has adapted
/// it. Safe for concurrent use.
/// </summary>
/// <param name="caller">Reaches the workers.</param>
/// <param name="catalog">The cluster's runs.</param>
/// <param name="settings">This node's.</param>
/// <param name="time">Clock.</param>
internal sealed class EpisodeViews(SessionCaller caller, RunCatalog catalog, CoordinatorSettings settings, TimeProvider time)
{
    // Many may look; workers adapt for one of them.
    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, Viewing> _views = new(StringComparer.Ordinal);
    private volatile OpenedData? _opened;

    /// <summary>Whether the episode of a run can be shown without computing anything more.</summary>
    public bool IsKnown(string runId) => _views.TryGetValue(runId, out Viewing? view) && (!view.IsOver || (view.Made is { } made && IsFresh(made)));

    /// <summary>The episode of a run, not older than some seconds.</summary>
    /// <param name="run">The run.</param>
    /// <param name="left">The client has left; when all that wait for a view have, nobody computes it any more.</param>
    /// <exception cref="SessionRefusedException">Its episodes are not pictures, or nobody can adapt the model.</exception>
    public async Task<EpisodeView> Look(CatalogRun run, CancellationToken left)
    {
        while (true)
        {
            Viewing view = _views.GetOrAdd(run.RunId, _ => new Viewing(over => Make(run, over)));
            bool isFresh = false;
            try
            {
                EpisodeView made = await view.Wait(left).ConfigureAwait(false);
                isFresh = IsFresh(made);
                if (isFresh)
                {
                    return made;
                }
            }
            catch (OperationCanceledException) when (!left.IsCancellationRequested)
            {
                // All that waited for it have left just before.
            }
            finally
            {
                if (!isFresh && view.IsOver)
                {
                    _views.TryRemove(KeyValuePair.Create(run.RunId, view));
                }
            }
        }
    }

    private bool IsFresh(EpisodeView made) => time.GetUtcNow() - made.Made < _lifetime;

    private async Task<EpisodeView> Make(CatalogRun run, CancellationToken over)
    {
        ModelFile model = await catalog.Model(run, null).ConfigureAwait(false)
            ?? throw new SessionRefusedException(SessionProblem.NotYet, $"Run {run.RunId} has no model yet: wait for its first.");
        if (model.Shape.Input.Kind != InputKind.Image || model.Shape.TargetLength > 0 || model.Options.Supervised is not null)
        {
            throw new SessionRefusedException(SessionProblem.NotYet, $"Run {run.RunId} has no episodes of images to show: it is trained on {model.Options.Dataset}{(model.Options.Supervised is null ? "" : ", supervised")}.");
        }

        string? dataPath = run.Snapshot is { } here ? here.DataPath : run.Stored!.DataPath;
        int iteration = Math.Max(1, Math.Min(model.Iteration + 1, model.Options.Iterations));
        (OpenedData opened, Episode episode, EpisodeExamples examples) = await Task.Run(() => SessionRefusedException.Refusing(SessionProblem.NotYet, () => Draw(model, dataPath, iteration))).ConfigureAwait(false);
        SessionContent content = new(
            model.ToSafetensors(), new SupportFile(new SupportSet(examples.Support, [.. episode.Classes.Select((_, label) => $"{label:D5}")]), null).ToSafetensors());
        var session = SessionId.New();
        try
        {
            SessionOpened adapted = await caller.Open(session, content, over).ConfigureAwait(false);
            ImmutableArray<float[]> rows = await caller.Predict(
                session, examples.Query.Inputs, examples.Input.Length, episode.Classes.Length, () => Task.FromResult(content), over).ConfigureAwait(false);
            return new EpisodeView(model.Iteration, iteration, [.. Classes(opened, episode, examples, rows)], adapted.Milliseconds, time.GetUtcNow());
        }
        finally
        {
            caller.Close(session);
        }
    }

    private (OpenedData Opened, Episode Episode, EpisodeExamples Examples) Draw(ModelFile model, string? dataPath, int iteration)
    {
        OpenedData opened = Open(model, dataPath);
        Episode episode = opened.Training.EpisodeOf(iteration, 0);
        return (opened, episode, EpisodeExamples.Load(opened.Dataset, episode));
    }

    private OpenedData Open(ModelFile model, string? dataPath)
    {
        if (_opened is { } known && known.RunId == model.RunId && known.Options == model.Options && known.DataPath == dataPath)
        {
            return known;
        }

        IEpisodeDataset dataset = model.Options.OpenDatasetIn(settings.DataDirectory, dataPath);
        return _opened = new OpenedData(model.RunId, model.Options, dataPath, dataset, new MetaTraining(model.RunId, model.Options, dataset.Catalog));
    }

    private static IEnumerable<ViewedClass> Classes(OpenedData opened, Episode episode, EpisodeExamples examples, ImmutableArray<float[]> rows)
    {
        int support = 0;
        int query = 0;
        foreach (EpisodeClass item in episode.Classes)
        {
            yield return new ViewedClass(
                opened.Dataset.Catalog.Classes[item.ClassIndex].Name, 90 * item.QuarterTurns,
                [.. item.SupportExamples.Select(_ => Picture(examples.Support, support++))],
                [.. item.QueryExamples.Select(_ => new ViewedQuery(Picture(examples.Query, query), Array.IndexOf(rows[query], rows[query].Max()), rows[query++].Max()))]);
        }

        byte[] Picture(ExampleSet set, int i) => PngPicture.Of(
            examples.Input.ToImageShape(), set.Inputs.AsSpan(i * examples.Input.Length, examples.Input.Length), opened.Options.Of<DatasetOptions>());
    }

    // A view that is made or being made, and how many wait for it.
#pragma warning disable CA1001 // Without a timer there is nothing to dispose of.
    private sealed class Viewing
#pragma warning restore CA1001
    {
        private readonly CancellationTokenSource _over = new();
        private readonly Lazy<Task<EpisodeView>> _made;
        private int _waiting;

        public Viewing(Func<CancellationToken, Task<EpisodeView>> make) => _made = new Lazy<Task<EpisodeView>>(() => make(_over.Token));

        public bool IsOver => _made.Value.IsCompleted;

        public EpisodeView? Made => _made.Value.IsCompletedSuccessfully ? _made.Value.Result : null;

        public async Task<EpisodeView> Wait(CancellationToken left)
        {
            Interlocked.Increment(ref _waiting);
            try
            {
                return await _made.Value.WaitAsync(left).ConfigureAwait(false);
            }
            finally
            {
                if (Interlocked.Decrement(ref _waiting) == 0 && !IsOver)
                {
                    await _over.CancelAsync().ConfigureAwait(false);
                }
            }
        }
    }

    // The data of the run that was looked at last.
    private sealed record OpenedData(string RunId, RunOptions Options, string? DataPath, IEpisodeDataset Dataset, MetaTraining Training);
}
