using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Sessions;

/// <summary>
/// Calls the entities of sessions on the workers. A call whose worker is lost is repeated until the session has another one, which adapts anew. Safe for
/// concurrent use.
/// </summary>
/// <param name="region">Where they are.</param>
/// <param name="blobs">This node's.</param>
/// <param name="system">This node's.</param>
internal sealed class SessionCaller(IRequiredActor<SessionRegion> region, BlobStore blobs, ActorSystem system)
{
    // A worker that is lost answers never: ask the next one soon. An adaptation that is still going on answers the repeated question, too.
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    // Of one answer, so that it fits into a message.
    private const int MostValues = 20_000;
    private const int MostInputs = 256;

    /// <summary>Adapts a model.</summary>
    /// <exception cref="SessionRefusedException">It cannot be adapted so, or no worker could do it.</exception>
    public async Task<SessionOpened> Open(SessionId session, SessionContent content, CancellationToken cancellation)
    {
        using Pin model = new(blobs, content.Model);
        using Pin support = new(blobs, content.Support);
        return (SessionOpened)await Ask(new OpenSession(session, model.Blob, support.Blob, Holder), cancellation).ConfigureAwait(false);
    }

    /// <summary>Predicts.</summary>
    /// <param name="session">The session.</param>
    /// <param name="inputs">One after the other, in the model's own units.</param>
    /// <param name="inputLength">Of one of them.</param>
    /// <param name="outputs">Labels, or values to predict.</param>
    /// <param name="load">Loads what the session is made of, if its worker was lost or has forgotten it.</param>
    /// <param name="cancellation">The client has left.</param>
    /// <returns>For each input the probability of each label, or the values.</returns>
    /// <exception cref="SessionRefusedException">No worker could do it.</exception>
    public async Task<ImmutableArray<float[]>> Predict(
        SessionId session, float[] inputs, int inputLength, int outputs, Func<Task<SessionContent>> load, CancellationToken cancellation)
    {
        var rows = ImmutableArray.CreateBuilder<float[]>();
        int most = Math.Clamp(MostValues / outputs, 1, MostInputs);
        foreach (float[] some in inputs.Chunk(most * inputLength))
        {
            using Pin pin = new(blobs, MemoryMarshal.AsBytes(some.AsSpan()).ToArray());
            SessionPredicted predicted = (SessionPredicted)await AskOpen(session, new PredictInSession(session, pin.Blob, Holder), load, cancellation).ConfigureAwait(false);
            rows.AddRange(predicted.Values.Chunk(outputs));
        }

        return rows.ToImmutable();
    }

    /// <summary>The adapted model.</summary>
    /// <param name="session">The session.</param>
    /// <param name="load">Loads what the session is made of, if its worker was lost or has forgotten it.</param>
    /// <param name="cancellation">The client has left.</param>
    /// <exception cref="SessionRefusedException">No worker could give it.</exception>
    public async Task<ReadOnlyMemory<byte>> File(SessionId session, Func<Task<SessionContent>> load, CancellationToken cancellation)
    {
        SessionKept kept = (SessionKept)await AskOpen(session, new KeepSession(session), load, cancellation).ConfigureAwait(false);
        try
        {
            return await BlobRequest.Fetch(system, blobs, kept.File, kept.Holder).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            throw new SessionRefusedException(SessionProblem.NoWorker, $"The worker of session {session} has not given its model: {error.Message}. Try again.", error);
        }
    }

    /// <summary>Lets a session forget what it adapted.</summary>
    public void Close(SessionId session)
    {
        // Otherwise the message waits for one, and the end of this node for the message.
        if (HasWorkers)
        {
            region.ActorRef.Tell(new CloseSession(session));
        }
    }

    private bool HasWorkers => Cluster.Get(system).State.Members.Any(member =>
        (member.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up) && member.HasRole(NodeSettings.WorkerRole));

    private string Holder => BlobHolder.PathAt(Cluster.Get(system).SelfAddress);

    private async Task<object> AskOpen(SessionId session, ISessionMessage message, Func<Task<SessionContent>> load, CancellationToken cancellation)
    {
        object answer;
        long began = Stopwatch.GetTimestamp();
        while ((answer = await Ask(message, cancellation).ConfigureAwait(false)) is SessionUnknown)
        {
            if (Stopwatch.GetElapsedTime(began) > _patience)
            {
                throw new SessionRefusedException(SessionProblem.NoWorker, $"Session {session} is lost again and again by its workers: look at their logs, and try again.");
            }

            await Open(session, await load().ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }

        return answer;
    }

    private async Task<object> Ask(ISessionMessage message, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            if (!HasWorkers)
            {
                throw new SessionRefusedException(SessionProblem.NoWorker, "There is no worker that could adapt a model: start one with `metamap worker`, and try again.");
            }

            try
            {
                object answer = await region.ActorRef.Ask<object>(message, _again, cancellation).ConfigureAwait(false);
                return answer is not SessionRefused refused ? answer
                    : throw new SessionRefusedException(refused.IsWorkers ? SessionProblem.NoWorker : SessionProblem.BadRequest, refused.Reason);
            }
            catch (AskTimeoutException) when (Stopwatch.GetElapsedTime(began) < _patience)
            {
                // Still adapting, or its worker is lost.
            }
            catch (AskTimeoutException error)
            {
                throw new SessionRefusedException(SessionProblem.NoWorker,
                    string.Create(CultureInfo.InvariantCulture, $"No worker has answered for {_patience.TotalMinutes:0} minutes: look at `metamap workers`, and try again."), error);
            }
        }
    }

    private sealed class Pin(BlobStore blobs, ReadOnlyMemory<byte> bytes) : IDisposable
    {
        public BlobId Blob { get; } = blobs.Put(bytes);

        public void Dispose() => blobs.Release(Blob);
    }
}
