-- Asks a counterspam node about every message. Put it into rspamd.local.lua, or beside it and `dofile` it there.
-- Without an answer within five seconds there is no symbol, and mail goes on.
local rspamd_http = require "rspamd_http"
local ucl = require "ucl"

local url = 'http://127.0.0.1:8052/checkv2'
local key = nil -- of a node elsewhere: a key with the scope `check`

local function ask(task)
  local function answered(failure, code, body)
    if failure or code ~= 200 then return end
    local parser = ucl.parser()
    if not parser:parse_string(tostring(body)) then return end
    local said = parser:get_object().counterspam
    local name = said.spam and 'COUNTERSPAM_SPAM' or 'COUNTERSPAM_HAM'
    task:insert_result(name, 1.0, string.format('%.3f', said.probability), said.content_type)
  end
  local ip = task:get_from_ip()
  rspamd_http.request {
    task = task,
    url = url,
    method = 'post',
    body = task:get_content(),
    headers = {IP = ip and ip:is_valid() and ip:to_string() or nil, Helo = task:get_helo(), Password = key},
    timeout = 5,
    callback = answered,
  }
end

local parent = rspamd_config:register_symbol {name = 'COUNTERSPAM', type = 'callback', callback = ask}
rspamd_config:register_symbol {name = 'COUNTERSPAM_SPAM', type = 'virtual', parent = parent, score = 6.0}
rspamd_config:register_symbol {name = 'COUNTERSPAM_HAM', type = 'virtual', parent = parent, score = -1.0}
