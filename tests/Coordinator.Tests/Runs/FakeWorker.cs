using Akka.Actor;
using MetaMap.Core.Parameters;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;

namespace MetaMap.Coordinator.Tests.Runs;

/// <summary>
/// A worker without lanes: answers leases with what the fake learner computes, as its behaviour changes it, some at
/// a time and in random order. It has buffers and a blob holder of its own, so that gradients and parameters travel.
/// </summary>
internal sealed class FakeWorker : ReceiveActor
{
    private readonly BlobStore _blobs = new();
    private readonly ParameterLayout _layout;
    private readonly string _address;
    private readonly Behaviour _behaviour;
    private readonly Dictionary<BlobId, List<BlockLeased>> _waiting = [];
    private readonly Dictionary<BlobId, ReadOnlyMemory<byte>> _versions = [];
    private readonly List<BlockLeased> _ready = [];
    private readonly List<BlockLeased> _evaluations = [];
    private readonly Random _random = new(11);
    private readonly WorkerId _id;
    private readonly IActorRef _holder;

    public FakeWorker(WorkerId id, IActorRef run, ParameterLayout layout, string address, Behaviour behaviour)
    {
        (_id, _layout, _address, _behaviour) = (id, layout, address, behaviour);
        _holder = Context.ActorOf(BlobHolder.Props(_blobs), BlobHolder.Name);
        Receive<BlockLeased>(lease => lease.Lease.Round.Kind == RoundKind.Evaluation, lease =>
        {
            _evaluations.Add(lease);
            Context.ActorOf(BlobFetcher.Props(lease.Parameters, lease.ParametersHolder, _blobs.Gate));
        });
        Receive<BlockLeased>(lease =>
        {
            if (_versions.ContainsKey(lease.Parameters))
            {
                Enqueue(lease);
            }
            else if (_waiting.TryGetValue(lease.Parameters, out List<BlockLeased>? others))
            {
                others.Add(lease);
            }
            else
            {
                _waiting[lease.Parameters] = [lease];
                Context.ActorOf(BlobFetcher.Props(lease.Parameters, lease.ParametersHolder, _blobs.Gate));
            }
        });
        Receive<BlobFetched>(fetched =>
        {
            _versions[fetched.Blob] = fetched.Bytes;
            if (_waiting.Remove(fetched.Blob, out List<BlockLeased>? leases))
            {
                leases.ForEach(Enqueue);
            }

            foreach (BlockLeased lease in _evaluations.Where(lease => lease.Parameters == fetched.Blob).ToArray())
            {
                _evaluations.Remove(lease);
                foreach (object answer in Evaluate(lease))
                {
                    run.Tell(answer);
                }
            }
        });
        Receive<BlobFetchFailed>(failed => _waiting.Remove(failed.Blob));
        Receive<Flush>(_ =>
        {
            foreach (BlockLeased lease in _ready.OrderBy(_ => _random.Next()))
            {
                foreach (object answer in _behaviour(this, lease))
                {
                    run.Tell(answer);
                }
            }

            _ready.Clear();
        });
        Receive<BlockJudged>(judged => _blobs.Release(judged.Gradient));
    }

    /// <summary>What a worker says to a lease.</summary>
    public delegate IEnumerable<object> Behaviour(FakeWorker worker, BlockLeased lease);

    public static IEnumerable<object> Honest(FakeWorker worker, BlockLeased lease) => [worker.Result(lease)];

    public static IEnumerable<object> Duplicating(FakeWorker worker, BlockLeased lease) => [worker.Result(lease), worker.Result(lease)];

    public static IEnumerable<object> Silent(FakeWorker worker, BlockLeased lease) => [];

    public static IEnumerable<object> Failing(FakeWorker worker, BlockLeased lease) =>
        [new BlockFailed(lease.Lease, worker._id, "no memory")];

    public static IEnumerable<object> NotANumber(FakeWorker worker, BlockLeased lease) => [worker.Result(lease, poison: true)];

    /// <summary>Gives finite gradients of the right direction and the wrong length.</summary>
    public static IEnumerable<object> Lying(FakeWorker worker, BlockLeased lease) => [worker.Result(lease, scale: 1.5f)];

    public static IEnumerable<object> Returning(FakeWorker worker, BlockLeased lease) =>
        [new BlockReturned(lease.Lease, worker._id, "the parameters could not be fetched")];

    /// <summary>The third block is not a number, whoever computes it.</summary>
    public static IEnumerable<object> HonestWithAPoisonedBlock(FakeWorker worker, BlockLeased lease) => [worker.Result(lease, poison: lease.Lease.Block == 2)];

    public static IEnumerable<object> OtherLayout(FakeWorker worker, BlockLeased lease) => [worker.Result(lease) with { LayoutDigest = "77" }];

    public static IEnumerable<object> ShortGradient(FakeWorker worker, BlockLeased lease) =>
        [worker.Result(lease) with { Gradient = worker._blobs.Put(new byte[8]) }];

    public static IEnumerable<object> Unreachable(FakeWorker worker, BlockLeased lease) =>
        [worker.Result(lease) with { Gradient = new BlobId(new string('0', 64), 4 * worker._layout.Length) }];

    /// <summary>Says everything that is wrong before what is right.</summary>
    public static IEnumerable<object> Confused(FakeWorker worker, BlockLeased lease)
    {
        BlockAdapted right = worker.Result(lease);
        return
        [
            Other(lease => lease with { Round = RoundId.Iteration(lease.Round.Number - 1) }),
            Other(lease => lease with { Round = RoundId.Iteration(lease.Round.Number + 1) }),
            Other(lease => lease with { Block = 99 }), Other(lease => lease with { Block = -1 }), Other(lease => lease with { Attempt = 77 }) with { Episodes = [] },
            Other(lease => lease with { Round = RoundId.Evaluation(lease.Round.Number) }),
            Other(lease => lease with { RunId = new RunId("somebody-elses") }), right,
        ];

        BlockAdapted Other(Func<LeaseId, LeaseId> change) => right with { Lease = change(right.Lease) };
    }

    private IEnumerable<object> Evaluate(BlockLeased lease)
    {
        if (_behaviour == Silent)
        {
            return [];
        }

        if (_behaviour == Failing)
        {
            return [new BlockFailed(lease.Lease, _id, "no memory")];
        }

        ParameterVector theta = ParameterVector.FromBytes(_layout, _versions[lease.Parameters].Span);
        BlockEvaluated result = new(lease.Lease, _id,
            [.. lease.Block.Episodes.Select(episode => new EvaluatedEpisode(FakeEpisodeLearner.Measure(theta, episode, lease.InnerSteps).Last, []))]);
        return 
        [
            result, result, result with { Lease = lease.Lease with { Block = 99 } },
            result with { Lease = lease.Lease with { Round = RoundId.Evaluation(77) } }, result with { Lease = lease.Lease with { Round = RoundId.Iteration(1) } },
        ];
    }

    private void Enqueue(BlockLeased lease)
    {
        _ready.Add(lease);
        Self.Tell(Flush.Instance);
    }

    private BlockAdapted Result(BlockLeased lease, bool poison = false, float scale = 1)
    {
        ParameterVector theta = ParameterVector.FromBytes(_layout, _versions[lease.Parameters].Span);
        BlockGradient result = FakeEpisodeLearner.Compute(theta, lease.Block);
        float[] gradient = result.GradientSum.Values.ToArray();
        for (int i = 0; scale != 1 && i < gradient.Length; i++)
        {
            gradient[i] *= scale;
        }

        if (poison)
        {
            gradient[0] = float.NaN;
        }

        BlobId blob = _blobs.Put(new ParameterVector(_layout, gradient).Bytes.ToArray());
        return new BlockAdapted(
            lease.Lease, _id, lease.Parameters, _layout.Digest, result.Episodes, blob,
            _holder.Path.ToStringWithAddress(Address.Parse(_address)));
    }

    private sealed class Flush
    {
        public static readonly Flush Instance = new();
    }
}
