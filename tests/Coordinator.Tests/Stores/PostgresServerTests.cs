using System.Net.Sockets;

namespace MetaMap.Coordinator.Tests.Stores;

public sealed class PostgresServerTests(PostgresServer server) : IClassFixture<PostgresServer>
{
    [PostgresFact]
    public async Task NewDatabase_EachTime_IsAnotherOneOfTheSameServer()
    {
        string first = await server.NewDatabase();
        string second = await server.NewDatabase();
        Assert.NotEqual(first, second);
        Assert.Equal(Part(first, "Port"), Part(second, "Port"));
    }

    [PostgresFact]
    public async Task Start_AfterStop_IsTheSameServer()
    {
        string before = await server.NewDatabase();
        await server.Stop();
        await Assert.ThrowsAsync<SocketException>(() => Connect(before));
        await server.Start();
        await Connect(before);
        Assert.Equal(Part(before, "Port"), Part(await server.NewDatabase(), "Port"));
    }

    private static async Task Connect(string connection)
    {
        using TcpClient client = new();
        await client.ConnectAsync(Part(connection, "Host"), int.Parse(Part(connection, "Port"), System.Globalization.CultureInfo.InvariantCulture));
    }

    private static string Part(string connection, string key) =>
        connection.Split(';').Select(part => part.Split('=')).Single(part => part[0] == key)[1];
}
