using System.Diagnostics;
using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using MetaMap.Core;
using MetaMap.Core.Safetensors;
using MetaMap.Learning.Adaptation;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Training.Checkpoints;
using MetaMap.Worker.Runs;

namespace MetaMap.Worker.Sessions;

/// <summary>
/// An adaptation session: a model adapted to somebody's examples, that answers predictions. It keeps nothing that its coordinator could not give it again, so it
/// may be lost at any time: the next <see cref="OpenSession"/> adapts to the same bits.
/// </summary>
#pragma warning disable CA1001 // An actor ends in PostStop.
internal sealed class SessionEntity : ReceiveActor, IWithUnboundedStash
#pragma warning restore CA1001
{
    // Whoever waits for an adaptation asks every two seconds. When nobody does, all clients have left, or their coordinators were lost.
    private static readonly TimeSpan _unasked = TimeSpan.FromSeconds(10);

    private readonly SessionId _session;
    private readonly SessionServices _services;
    private readonly BlobFetches _fetches;
    private readonly Dictionary<BlobId, List<IActorRef>> _askers = [];
    private readonly string _holder = BlobHolder.PathAt(Cluster.Get(Context.System).SelfAddress);
    private Adapted? _adapted;
    private readonly CancellationTokenSource _over = new();
    private BlobId? _kept;

    public SessionEntity(SessionId session, SessionServices services)
    {
        (_session, _services) = (session, services);
        _fetches = new BlobFetches(Context, services.Blobs.Gate);
        Empty();
    }

    /// <inheritdoc />
    public IStash Stash { get; set; } = null!;

    /// <inheritdoc />
    protected override void PostStop()
    {
        _over.Cancel();
        _over.Dispose();
        _services.Shelf.Remove(Self);
        if (_kept is { } file)
        {
            _services.Blobs.Release(file);
        }

        if (_adapted is { } adapted)
        {
            _services.Thread.Predict(adapted.Predictor.Dispose);
        }
    }

    private void Empty()
    {
        Receive<OpenSession>(open =>
        {
            IActorRef asker = Sender;
            Become(() => Opening(open, asker));
            Fetch(open.Support, open.Holder);
            if (_services.Shelf.Model(open.Model) is null)
            {
                Fetch(open.Model, open.Holder);
            }
        });
        Receive<ISessionMessage>(message => message is not CloseSession, _ => Sender.Tell(new SessionUnknown(_session)));
        Leaving();
    }

    private void Opening(OpenSession open, IActorRef asker)
    {
        Context.SetReceiveTimeout(_unasked);
        ReadOnlyMemory<byte>? support = null;
        ReadOnlyMemory<byte>? model = null;
        Receive<BlobFetched>(fetched =>
        {
            _fetches.Ended(fetched.Blob);
            support = fetched.Blob == open.Support ? fetched.Bytes : support;
            model = fetched.Blob == open.Model ? fetched.Bytes : model;
            if (support is { } examples && (model is not null || _services.Shelf.Model(open.Model) is not null))
            {
                IActorRef self = Self;
                CancellationToken over = _over.Token;
                _services.Thread.Adapt(() =>
                {
                    if (Adapt(open, model, examples, over) is { } result)
                    {
                        self.Tell(result);
                    }
                });
            }
        });
        Receive<BlobFetchFailed>(failed =>
        {
            _fetches.Ended(failed.Blob);
            Fail(asker, new SessionRefused(_session, failed.Reason, IsWorkers: true));
        });
        Receive<SessionRefused>(refused => Fail(asker, refused));
        Receive<ReceiveTimeout>(_ => Leave());
        Receive<Adapted>(adapted =>
        {
            Context.SetReceiveTimeout(null);
            _adapted = adapted;
            asker.Tell(new SessionOpened(_session, adapted.Milliseconds));
            Touch(adapted);
            Become(() => Ready(adapted));
            Stash.UnstashAll();
        });
        Receive<OpenSession>(_ => Stash.Stash());
        Receive<ISessionMessage>(message => message is not CloseSession, _ => Stash.Stash());
        Leaving();
    }

    private void Ready(Adapted adapted)
    {
        Receive<OpenSession>(_ => Sender.Tell(new SessionOpened(_session, adapted.Milliseconds)));
        Receive<PredictInSession>(predict =>
        {
            Touch(adapted);
            if (_askers.TryGetValue(predict.Inputs, out List<IActorRef>? askers))
            {
                askers.Add(Sender);
                return;
            }

            _askers[predict.Inputs] = [Sender];
            Fetch(predict.Inputs, predict.Holder);
        });
        Receive<KeepSession>(_ =>
        {
            Touch(adapted);
            _kept ??= _services.Blobs.Put(adapted.File.ToSafetensors());
            Sender.Tell(new SessionKept(_session, _kept.Value, _holder));
        });
        Receive<BlobFetched>(fetched =>
        {
            _fetches.Ended(fetched.Blob);
            IActorRef[] askers = Askers(fetched.Blob);
            _services.Thread.Predict(() =>
            {
                IControlMessage answer = Predict(adapted, fetched.Bytes);
                Array.ForEach(askers, asker => asker.Tell(answer, ActorRefs.NoSender));
            });
        });
        Receive<BlobFetchFailed>(failed =>
        {
            _fetches.Ended(failed.Blob);
            Array.ForEach(Askers(failed.Blob), asker => asker.Tell(new SessionRefused(_session, failed.Reason, IsWorkers: true)));
        });
        Leaving();
    }

    private void Leaving()
    {
        Receive<CloseSession>(_ => Leave());
        Receive<MakeRoom>(_ => Leave());
    }

    private static void Leave() => Context.Parent.Tell(new Passivate(PoisonPill.Instance));

    private void Fail(IActorRef asker, SessionRefused refused)
    {
        asker.Tell(refused);
        Context.SetReceiveTimeout(null);
        Become(Empty);
        Stash.UnstashAll();
        Leave();
    }

    private void Touch(Adapted adapted)
    {
        foreach (IActorRef session in _services.Shelf.Use(Self, adapted.Bytes))
        {
            session.Tell(MakeRoom.Instance);
        }
    }

    private void Fetch(BlobId blob, string holder)
    {
        if (_services.Blobs.TryGet(blob, out ReadOnlyMemory<byte> bytes))
        {
            Self.Tell(new BlobFetched(blob, bytes));
        }
        else
        {
            _fetches.Fetch(blob, holder);
        }
    }

    private IActorRef[] Askers(BlobId inputs) => _askers.Remove(inputs, out List<IActorRef>? askers) ? [.. askers] : [];

    // On the thread of sessions; null when nobody wants it any more.
    private object? Adapt(OpenSession open, ReadOnlyMemory<byte>? model, ReadOnlyMemory<byte> support, CancellationToken over)
    {
        try
        {
            over.ThrowIfCancellationRequested();
            ModelFile meta = _services.Shelf.Model(open.Model) ?? ModelFile.FromSafetensors(SafetensorsReader.Read(model!.Value, "The model"), "The model");
            _services.Shelf.Put(open.Model, meta);
            SupportFile examples = SupportFile.FromSafetensors(SafetensorsReader.Read(support, "The support set"), "The support set");
            long began = Stopwatch.GetTimestamp();
            AdaptedFile file = ModelAdapter.Adapt(meta, examples.Support.Examples, examples.Support.Labels, examples.InnerSteps, _services.Device, over);
            Predictor predictor = new(file, _services.Device);
            return new Adapted(file, predictor, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return null;
        }
#pragma warning disable CA1031 // Whatever fails on the thread of sessions is told to whoever asked; the thread lives on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new SessionRefused(_session, BlockComputation.Explain(error), IsWorkers: error is not (ConfigurationException or DataException));
        }
    }

    private IControlMessage Predict(Adapted adapted, ReadOnlyMemory<byte> inputs)
    {
        try
        {
            return new SessionPredicted(_session, [.. adapted.Predictor.Predict(MemoryMarshal.Cast<byte, float>(inputs.Span).ToArray()).SelectMany(values => values)]);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return new SessionRefused(_session, BlockComputation.Explain(error), IsWorkers: true);
        }
    }

    private sealed record Adapted(AdaptedFile File, Predictor Predictor, double Milliseconds)
    {
        // In the file and in the predictor.
        public long Bytes => 8L * File.Network.Values.Length;
    }

    private sealed record MakeRoom
    {
        public static readonly MakeRoom Instance = new();
    }
}
