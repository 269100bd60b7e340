using MetaMap.Coordinator.Sessions;
using MetaMap.Testing;

namespace MetaMap.Coordinator.Tests.Sessions;

public sealed class DirectorySessionsTests : SessionStoreContract, IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private protected override ISessionStore Store => new DirectorySessions(_folder["sessions"], TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Add_ThenDelete() => Added_IsFoundAndLoadedUntilItIsDeleted();

    [Fact]
    public Task Find_Expired() => Expired_IsNotFoundAndSweptWithItsModel();

    [Fact]
    public Task Find_NoName() => NameThatIsNone_IsNothing();

    [Fact]
    public Task Load_Damaged() => Damaged_IsToldInASentence();

    private protected override Task Damage(StoredSession session) => File.WriteAllBytesAsync(_folder[$"sessions/{session.SessionId}.safetensors"], [9]);

    private protected override Task<long> Models()
    {
        // Models that a session might be about to need are left alone: make them look old, and look again.
        string folder = _folder["sessions/models"];
        Array.ForEach(Directory.GetFiles(folder), path => File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime - TimeSpan.FromHours(1)));
        Store.Sweep().GetAwaiter().GetResult();
        return Task.FromResult((long)Directory.GetFiles(folder).Length);
    }
}
