using MetaMap.Core.Parameters;
using MetaMap.Testing;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Tests.Rounds;

/// <summary>Calls the policy with short arguments: seconds for times, results from the fake learner.</summary>
internal sealed class RoundDriver
{
    private static readonly MetaTraining _training = TinyRun.Training();
    private readonly MetaState _state = _training.Begin();

    public RoundDriver(LeasePolicy? policy = null, params string[] live)
    {
        Policy = policy ?? LeasePolicy.Default;
        Live = [.. live];
        Round = _training.OpenRound(_state) with { Iteration = 3 };
    }

    /// <summary>Audits a share of the blocks.</summary>
    public RoundDriver Audited(double fraction = 1)
    {
        Round = BlockAudit.Choose(Round, 5, fraction);
        return this;
    }

    public LeasePolicy Policy { get; }

    public List<string> Live { get; }

    public MetaRound Round { get; private set; }

    /// <summary>The index of the block that the worker gets, or null.</summary>
    public int? Lease(string worker, double seconds = 0)
    {
        (Round, BlockProgress? leased) = MetaRoundPolicy.Lease(Round, worker, Live, TimeSpan.FromSeconds(seconds), Policy);
        return leased?.Block.Index;
    }

    public BlockResultHeader Header(int block, string worker, int attempt = 1) => new(
        Round.RunId, Round.Iteration, block, attempt, worker, Round.Parameters.Sha256, Round.Layout.Digest,
        block >= 0 && block < Round.Blocks.Length ? Round.Blocks[block].Block.Episodes.Length : 2);

    public BlockGradient Result(int block) => FakeEpisodeLearner.Compute(_state.Parameters, Round.Blocks[block].Block);

    public BlockVerdict Accept(int block, string worker, int attempt = 1, double seconds = 0) => Accept(Header(block, worker, attempt), Result(block), seconds).Verdict;

    public Judgement Accept(BlockResultHeader header, BlockGradient result, double seconds = 0)
    {
        (Round, Judgement judgement) = MetaRoundPolicy.Accept(Round, header, result, Live, TimeSpan.FromSeconds(seconds), Policy);
        return judgement;
    }

    /// <summary>What a liar gives: another scale.</summary>
    public BlockGradient Scaled(int block, float scale) => Result(block) with
    {
        GradientSum = new ParameterVector(Round.Layout, [.. Result(block).GradientSum.Values.ToArray().Select(value => scale * value)]),
    };

    public Judgement Accept(int block, string worker, BlockGradient result, int? attempt = null) =>
        Accept(Header(block, worker, attempt ?? Round.Blocks[block].Leases.First(lease => lease.WorkerId == worker).Attempt), result);

    public string? Undecided => BlockAudit.Undecided(Round, Live);

    public BlockGradient Poisoned(int block, float value)
    {
        float[] values = Result(block).GradientSum.Values.ToArray();
        values[0] = value;
        return Result(block) with { GradientSum = new ParameterVector(Round.Layout, values) };
    }

    public void Fail(int block, string worker, int attempt) =>
        Round = MetaRoundPolicy.Fail(Round, block, new BlockFailure(attempt, worker, "out of memory"), Live, Policy);

    public void SetAside(int block, string worker, int attempt) => Round = MetaRoundPolicy.SetAside(Round, block, attempt, worker);

    public void Expire(double seconds) => Round = MetaRoundPolicy.Expire(Round, TimeSpan.FromSeconds(seconds), Policy);

    public void Release(string worker) => Round = MetaRoundPolicy.Release(Round, worker);
}
