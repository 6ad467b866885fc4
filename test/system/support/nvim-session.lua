-- Runs in `nvim --headless -u NONE`: opens the file, starts the server with Neovim's own client, hands both to the script of
-- the test as `T`, and writes what the script returns, or its error, as JSON. Neovim 0.7: no vim.lsp.start, no pull diagnostics.
local input = io.open(vim.env.TIDEMARK_NVIM_INPUT)
local spec = vim.json.decode(input:read("*a"))
input:close()

vim.cmd("edit " .. vim.fn.fnameescape(spec.file))
vim.bo.filetype = "nix"
local buffer = vim.api.nvim_get_current_buf()
local messages = {}
local id = vim.lsp.start_client({
  name = "tidemark",
  cmd = spec.cmd,
  root_dir = spec.workspace,
  -- Neovim 0.7 does not answer workspace/configuration; settings are pushed, as its manual says.
  on_init = function(client)
    client.notify("workspace/didChangeConfiguration", { settings = spec.settings })
  end,
  handlers = {
    ["window/showMessage"] = function(_, message)
      table.insert(messages, message)
    end,
    -- Neovim would stop here and wait for somebody to choose a number.
    ["window/showMessageRequest"] = function(_, question)
      table.insert(messages, { type = question.type, message = question.message, asks = true })
      return vim.NIL
    end,
  },
})
vim.lsp.buf_attach_client(buffer, id)
local client = vim.lsp.get_client_by_id(id)

T = { uri = vim.uri_from_bufnr(buffer), messages = messages }

-- Waits until `condition` holds, serving the server meanwhile.
function T.until_true(what, condition)
  if not vim.wait(30000, condition, 20) then
    error("not within 30 s: " .. what)
  end
end

-- The diagnostics of the buffer whose message contains `text`.
function T.diagnostics(text)
  local found = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
    if diagnostic.message:find(text, 1, true) then
      table.insert(found, diagnostic)
    end
  end
  return found
end

function T.wait_for_diagnostic(text)
  T.until_true("a diagnostic with " .. text, function()
    return #T.diagnostics(text) > 0
  end)
  return T.diagnostics(text)[1]
end

-- Sends a request and returns its result; an error of the server is an error here.
function T.request(method, params)
  local answers, failure = vim.lsp.buf_request_sync(buffer, method, params, 30000)
  if not answers then
    error(method .. ": " .. tostring(failure))
  end
  local answer = answers[id] or {}
  if answer.error then
    error(method .. ": " .. vim.inspect(answer.error))
  end
  return answer.result
end

-- Where `text` first is in the buffer, as a position of the protocol.
function T.position(text)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local column = line:find(text, 1, true)
    if column then
      return { line = row - 1, character = vim.str_utfindex(line, column - 1) + 1 }
    end
  end
  error("not in the buffer: " .. text)
end

-- What Neovim's own omnifunc offers behind `text`: the column where the word begins (from 1), and the words. The menu itself needs a
-- person in insert mode; all before it is the real thing.
function T.omnifunc(text)
  local position = T.position(text)
  vim.api.nvim_win_set_cursor(0, { position.line + 1, position.character + #text })
  local start, words
  vim.fn.mode = function()
    return "i"
  end
  vim.fn.complete = function(column, items)
    start = column
    words = vim.tbl_map(function(item)
      return item.word
    end, items)
  end
  vim.lsp.omnifunc(1, 0)
  T.until_true("the answer to the omnifunc", function()
    return words ~= nil
  end)
  vim.fn.mode, vim.fn.complete = nil, nil
  return { start = start, words = words }
end

-- The code actions for a diagnostic, by title.
function T.actions(diagnostic)
  local range = {
    start = { line = diagnostic.lnum, character = diagnostic.col },
    ["end"] = { line = diagnostic.end_lnum, character = diagnostic.end_col },
  }
  local context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics(buffer, diagnostic.lnum, {}, id) }
  local by_title = {}
  local params = { textDocument = { uri = T.uri }, range = range, context = context }
  for _, action in ipairs(T.request("textDocument/codeAction", params) or {}) do
    by_title[action.title] = action
  end
  return by_title
end

-- Applies a code action as Neovim's own menu does.
function T.apply(action)
  if not action.edit and client.server_capabilities.codeActionProvider.resolveProvider then
    action = T.request("codeAction/resolve", action)
  end
  if action.edit then
    vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
  end
  if action.command then
    local command = type(action.command) == "table" and action.command or action
    T.request("workspace/executeCommand", { command = command.command, arguments = command.arguments })
  end
end

function T.text()
  return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\n") .. "\n"
end

local ok, result = xpcall(function()
  T.until_true("the server starts", function()
    return client.initialized
  end)
  return assert(loadstring(spec.script, "test"))()
end, debug.traceback)

local answer = ok and { result = result, messages = messages } or { error = result, messages = messages }
local encoded, text = pcall(vim.json.encode, answer)
local output = io.open(vim.env.TIDEMARK_NVIM_OUTPUT, "w")
output:write(encoded and text or vim.json.encode({ error = "no JSON: " .. text .. vim.inspect(answer) }))
output:close()
vim.cmd("qall!")
