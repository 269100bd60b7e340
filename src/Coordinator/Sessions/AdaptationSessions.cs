using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Core;
using MetaMap.Data;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;

namespace MetaMap.Coordinator.Sessions;

/// <summary>An example as a client gives it.</summary>
/// <param name="Label">Its label; null for none.</param>
/// <param name="Content">The example.</param>
internal sealed record ClientExample(string? Label, ExampleContent Content);

/// <summary>A session that has been opened.</summary>
/// <param name="Session">The session.</param>
/// <param name="Milliseconds">How long the adaptation took.</param>
internal sealed record OpenedSession(StoredSession Session, double Milliseconds);

/// <summary>
/// Adaptation as a service: opens sessions, predicts in them and ends them. What a session is made of lies in the store, its adapted model in the memory of a
/// worker. Safe for concurrent use.
/// </summary>
/// <param name="store">The cluster's.</param>
/// <param name="caller">Reaches the workers.</param>
/// <param name="catalog">The cluster's runs.</param>
/// <param name="settings">This node's.</param>
/// <param name="time">Clock.</param>
internal sealed class AdaptationSessions(ISessionStore store, SessionCaller caller, RunCatalog catalog, CoordinatorSettings settings, TimeProvider time)
{
    /// <summary>Most sessions at once.</summary>
    public const int Most = 20_000;

    private const int MostForms = 64;

    // By model: reading one for each prediction would take longer than predicting.
    private readonly ConcurrentDictionary<string, SessionForm> _forms = new(StringComparer.Ordinal);

    /// <summary>Adapts a version of a run's model to examples.</summary>
    /// <param name="run">The run.</param>
    /// <param name="version">The version; null for the current one.</param>
    /// <param name="support">The examples.</param>
    /// <param name="innerSteps">Null for those of the run.</param>
    /// <param name="cancellation">The client has left: nothing is left behind.</param>
    /// <exception cref="SessionRefusedException">That cannot be done.</exception>
    public async Task<OpenedSession> Open(CatalogRun run, int? version, ImmutableArray<ClientExample> support, int? innerSteps, CancellationToken cancellation)
    {
        ModelFile model = await Model(run, version).ConfigureAwait(false);
        if (innerSteps is < 0 or > IAdaptsInEvaluation.MostInnerSteps)
        {
            throw new SessionRefusedException(SessionProblem.BadRequest, $"steps is {innerSteps}, but it must be 0 to {IAdaptsInEvaluation.MostInnerSteps}.");
        }

        SupportFile examples = SessionRefusedException.Refusing(SessionProblem.BadRequest, () =>
        {
            SessionForm form = SessionForm.Of(model);
            return new SupportFile(SupportSet.Of(form.Shape, form.Scales, Read(form, support, "support"), "The support set"), innerSteps);
        });
        if (await store.Count().ConfigureAwait(false) >= Most)
        {
            throw new SessionRefusedException(SessionProblem.TooMany, $"There are {Most} sessions, the most at once: end some (DELETE /api/sessions/ID), or wait until they expire.");
        }

        SessionContent content = new(model.ToSafetensors(), examples.ToSafetensors());
        var session = SessionId.New();
        try
        {
            SessionOpened opened = await caller.Open(session, content, cancellation).ConfigureAwait(false);
            StoredSession stored = new(
                session.Value, model.RunId, model.Iteration, examples.Support.Labels, time.GetUtcNow(), time.GetUtcNow() + settings.SessionLifetime,
                BlobStore.IdOf(content.Model.Span), BlobStore.IdOf(content.Support.Span));
            cancellation.ThrowIfCancellationRequested();
            await store.Add(stored, content).ConfigureAwait(false);
            return new OpenedSession(stored, opened.Milliseconds);
        }
        catch
        {
            caller.Close(session);
            throw;
        }
    }

    /// <summary>A session.</summary>
    /// <exception cref="SessionRefusedException">There is none of that name, or it is over.</exception>
    public async Task<StoredSession> Find(string sessionId) => await store.Find(sessionId).ConfigureAwait(false) ?? throw Missing(sessionId);

    /// <summary>Predicts.</summary>
    /// <returns>The session, and for each input the probability of each label, or the values of regression in the units of the files.</returns>
    /// <exception cref="SessionRefusedException">That cannot be done.</exception>
    public async Task<(StoredSession Session, ImmutableArray<float[]> Rows)> Predict(string sessionId, ImmutableArray<ExampleContent> queries, CancellationToken cancellation)
    {
        if (queries.Length is 0 or > SupportSet.Most)
        {
            throw new SessionRefusedException(SessionProblem.BadRequest, $"There are {queries.Length} examples to predict, but it must be 1 to {SupportSet.Most}.");
        }

        StoredSession session = await Find(sessionId).ConfigureAwait(false);
        SessionForm form = await Form(session).ConfigureAwait(false);
        float[] inputs = SessionRefusedException.Refusing(SessionProblem.BadRequest, () => SupportSet.InputsOf(form.Shape, form.Scales, Read(form, [.. queries.Select(query => new ClientExample(null, query))], "query")));
        int outputs = form.Shape.TargetLength > 0 ? form.Shape.TargetLength : session.Labels.Length;
        return (session, await UntilItExpires(session, over => caller.Predict(
            new SessionId(sessionId), inputs, form.Shape.Input.Length, outputs, () => Load(session), over), cancellation).ConfigureAwait(false));
    }

    /// <summary>The adapted model of a session, as a file.</summary>
    /// <exception cref="SessionRefusedException">There is no such session, or no worker could give it.</exception>
    public async Task<ReadOnlyMemory<byte>> File(string sessionId, CancellationToken cancellation)
    {
        StoredSession session = await Find(sessionId).ConfigureAwait(false);
        return await UntilItExpires(session, over => caller.File(new SessionId(sessionId), () => Load(session), over), cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends a session.</summary>
    /// <exception cref="SessionRefusedException">There is none of that name, or it is over.</exception>
    public async Task Close(string sessionId)
    {
        if (!await store.Delete(sessionId).ConfigureAwait(false))
        {
            throw Missing(sessionId);
        }

        caller.Close(new SessionId(sessionId));
    }

    private async Task<T> UntilItExpires<T>(StoredSession session, Func<CancellationToken, Task<T>> ask, CancellationToken left)
    {
        // A timer cannot wait for months, and no request does.
        long ticks = Math.Clamp((session.Expires - time.GetUtcNow()).Ticks, 0, TimeSpan.TicksPerDay);
        using CancellationTokenSource expired = new(TimeSpan.FromTicks(ticks), time);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(left, expired.Token);
        try
        {
            return await ask(over.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!left.IsCancellationRequested)
        {
            caller.Close(new SessionId(session.SessionId));
            throw Missing(session.SessionId);
        }
    }

    private static SessionRefusedException Missing(string sessionId) =>
        new(SessionProblem.Missing, $"There is no session '{sessionId}', or it has expired: adapt again (POST /api/runs/ID/adapt).");

    private static ImmutableArray<GivenExample> Read(SessionForm form, ImmutableArray<ClientExample> examples, string name) =>
        [.. examples.Select((example, i) => form.Reader.Read(string.Create(CultureInfo.InvariantCulture, $"{name}[{i}]"), example.Label, example.Content))];

    private async Task<ModelFile> Model(CatalogRun run, int? version)
    {
        (string runId, RunStatus status, RunOptions options) = run.Snapshot is { } here ? (here.RunId.Value, here.Status, here.Options) : (run.Stored!.RunId, run.Stored.Status, run.Stored.Options);
        ModelFile? model = await catalog.Model(run, version).ConfigureAwait(false);
        return model is { Iteration: 0 } && version is null && status != RunStatus.Finished && options.InitSha256 is null || model is null && version is null
            ? throw new SessionRefusedException(SessionProblem.NotYet, $"Run {runId} has not committed an iteration yet: wait for its first.")
            : model ?? throw new SessionRefusedException(SessionProblem.Missing, await catalog.ExplainMissing(run, version!.Value).ConfigureAwait(false));
    }

    private async Task<SessionContent> Load(StoredSession session)
    {
        try
        {
            return await store.Load(session).ConfigureAwait(false) ?? throw Missing(session.SessionId);
        }
        catch (DataException error)
        {
            throw new SessionRefusedException(SessionProblem.Missing, error.Message, error);
        }
    }

    private async Task<SessionForm> Form(StoredSession session)
    {
        if (_forms.TryGetValue(session.Model.Sha256, out SessionForm? known))
        {
            return known;
        }

        SessionContent content = await Load(session).ConfigureAwait(false);
        SessionForm form = SessionRefusedException.Refusing(SessionProblem.BadRequest, () => SessionForm.Of(content.Model));
        if (_forms.Count >= MostForms)
        {
            _forms.Clear();
        }

        return _forms[session.Model.Sha256] = form;
    }
}
