using MetaMap.Coordinator.Sessions;
using MetaMap.Coordinator.Stores.Postgres;
using MetaMap.Coordinator.Tests.Stores;

namespace MetaMap.Coordinator.Tests.Sessions;

/// <summary>The contract against a real PostgreSQL.</summary>
[Trait("Category", "Slow")]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit calls IAsyncLifetime.DisposeAsync.")]
public sealed class PostgresSessionsTests(PostgresServer server) : SessionStoreContract, IClassFixture<PostgresServer>, IAsyncLifetime
{
    private PostgresStore? _database;

    private protected override ISessionStore Store => new PostgresSessions(_database!);

    public async Task InitializeAsync()
    {
        if (PostgresServer.WhyNot is null)
        {
            _database = new PostgresStore(await server.NewDatabase());
            await _database.Open();
        }
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [PostgresFact]
    public Task Add_ThenDelete() => Added_IsFoundAndLoadedUntilItIsDeleted();

    [PostgresFact]
    public Task Find_Expired() => Expired_IsNotFoundAndSweptWithItsModel();

    [PostgresFact]
    public Task Find_NoName() => NameThatIsNone_IsNothing();

    [PostgresFact]
    public Task Load_Damaged() => Damaged_IsToldInASentence();

    private protected override Task Damage(StoredSession session) =>
        _database!.Execute("UPDATE metamap_session SET support = $2 WHERE session_id = $1", session.SessionId, new byte[] { 9 });

    private protected override async Task<long> Models() => (long)(await _database!.Scalar("SELECT count(*) FROM metamap_session_model"))!;
}
